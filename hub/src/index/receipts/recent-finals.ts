/** About 16 MB; at 2,000 transactions a second, the last minute. */
const MAX_HASHES = 131_072;

/** Hashes of the last final transactions: one of them that arrives again needs its receipt. */
export class RecentFinals {
  readonly #hashes = new Set<string>();

  add(hash: Uint8Array): void {
    this.#hashes.add(Buffer.from(hash).toString("latin1"));
    if (this.#hashes.size <= MAX_HASHES) return;
    for (const oldest of this.#hashes) {
      this.#hashes.delete(oldest);
      break;
    }
  }

  has(hash: Uint8Array): boolean {
    return this.#hashes.has(Buffer.from(hash).toString("latin1"));
  }
}
