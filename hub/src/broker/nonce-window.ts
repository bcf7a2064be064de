const MAX_NONCES_PER_IDENTITY = 2_048;

export type NonceVerdict = "fresh" | "reused" | "full";

/** A used nonce. */
export interface UsedNonce {
  readonly identity: string;
  /** Hex. */
  readonly nonce: string;
  /** When its token expires by age. */
  readonly expiresAtMs: number;
}

/** Where used nonces outlive the process. */
export interface NonceKeeper {
  load(): readonly UsedNonce[];
  add(used: UsedNonce): void;
}

/**
 * Remembers the nonces of accepted tokens until the tokens expire by age. Only its own identity can
 * fill an identity's share, because only verified tokens come here; a full share refuses that
 * identity and nobody else, rather than forget a nonce that could be replayed.
 */
export class NonceWindow {
  /** Identity → nonce → when the token expires. */
  readonly #seen = new Map<string, Map<string, number>>();
  readonly #keeper: NonceKeeper | undefined;

  /** @param keeper without one a restart forgets them */
  constructor(keeper?: NonceKeeper) {
    this.#keeper = keeper;
    for (const { identity, nonce, expiresAtMs } of keeper?.load() ?? []) {
      this.#of(identity).set(nonce, expiresAtMs);
    }
  }

  use(identity: string, nonce: Uint8Array, expiresAtMs: number, nowMs: number): NonceVerdict {
    const nonces = this.#of(identity);
    const key = Buffer.from(nonce).toString("hex");
    if (nonces.has(key)) return "reused";
    if (nonces.size >= MAX_NONCES_PER_IDENTITY) forgetExpired(nonces, nowMs);
    if (nonces.size >= MAX_NONCES_PER_IDENTITY) return "full";
    nonces.set(key, expiresAtMs);
    this.#keeper?.add({ identity, nonce: key, expiresAtMs });
    return "fresh";
  }

  #of(identity: string): Map<string, number> {
    const known = this.#seen.get(identity);
    if (known !== undefined) return known;
    const nonces = new Map<string, number>();
    this.#seen.set(identity, nonces);
    return nonces;
  }
}

function forgetExpired(nonces: Map<string, number>, nowMs: number): void {
  for (const [key, expiresAtMs] of nonces) if (expiresAtMs < nowMs) nonces.delete(key);
}
