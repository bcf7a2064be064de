const MAX_NONCES_PER_IDENTITY = 2_048;

export type NonceVerdict = "fresh" | "reused" | "full";

/**
 * Remembers the nonces of accepted tokens until the tokens expire by age. Only its own identity can
 * fill an identity's share, because only verified tokens come here; a full share refuses that
 * identity and nobody else, rather than forget a nonce that could be replayed.
 */
export class NonceWindow {
  /** Identity → nonce → when the token expires. */
  readonly #seen = new Map<string, Map<string, number>>();

  use(identity: string, nonce: Uint8Array, expiresAtMs: number, nowMs: number): NonceVerdict {
    let nonces = this.#seen.get(identity);
    if (nonces === undefined) {
      nonces = new Map();
      this.#seen.set(identity, nonces);
    }
    const key = Buffer.from(nonce).toString("latin1");
    if (nonces.has(key)) return "reused";
    if (nonces.size >= MAX_NONCES_PER_IDENTITY) forgetExpired(nonces, nowMs);
    if (nonces.size >= MAX_NONCES_PER_IDENTITY) return "full";
    nonces.set(key, expiresAtMs);
    return "fresh";
  }
}

function forgetExpired(nonces: Map<string, number>, nowMs: number): void {
  for (const [key, expiresAtMs] of nonces) if (expiresAtMs < nowMs) nonces.delete(key);
}
