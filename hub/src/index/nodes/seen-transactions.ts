/** One that waits says as much as many; the oldest leave first. */
const MAX_HASHES = 4_096;
/** A heartbeat that was on its way when a transaction came by says nothing about it. */
const CROSSING_MS = 1_000;

/** Transactions that came by and are not final: while there is one, a block is due. */
export class SeenTransactions {
  /** When each came by, oldest first. */
  readonly #seenMs = new Map<string, number>();

  get areWaiting(): boolean {
    return this.#seenMs.size > 0;
  }

  add(hash: Uint8Array, nowMs: number): void {
    this.#seenMs.set(nameOf(hash), nowMs);
    if (this.#seenMs.size <= MAX_HASHES) return;
    for (const oldest of this.#seenMs.keys()) {
      this.#seenMs.delete(oldest);
      break;
    }
  }

  onFinal(hash: Uint8Array): void {
    this.#seenMs.delete(nameOf(hash));
  }

  /** A validator at the head says that nothing waits: what came by before was refused. */
  onEmptyPool(nowMs: number): void {
    for (const [name, seenMs] of this.#seenMs) {
      if (seenMs > nowMs - CROSSING_MS) break;
      this.#seenMs.delete(name);
    }
  }
}

function nameOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString("latin1");
}
