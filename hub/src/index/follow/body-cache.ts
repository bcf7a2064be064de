/**
 * Transactions seen on their way to the mempools, by hash, so that a DECIDE needs no bodies. Bounded
 * in bytes: the oldest leave first, and a body that is missing later is fetched with its block.
 */
export class BodyCache {
  readonly #maxBytes: number;
  readonly #bodies = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False when it was there already: somebody sends it again. */
  add(hash: Uint8Array, encoded: Uint8Array): boolean {
    const name = nameOf(hash);
    if (this.#bodies.has(name)) return false;
    this.#bodies.set(name, encoded);
    this.#bytes += encoded.length;
    for (const [oldest, body] of this.#bodies) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#bodies.delete(oldest);
      this.#bytes -= body.length;
    }
    return true;
  }

  get(hash: Uint8Array): Uint8Array | undefined {
    return this.#bodies.get(nameOf(hash));
  }

  delete(hash: Uint8Array): void {
    const name = nameOf(hash);
    const body = this.#bodies.get(name);
    if (body === undefined) return;
    this.#bodies.delete(name);
    this.#bytes -= body.length;
  }
}

/** latin1 is the shortest string that keeps every byte apart. */
function nameOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString("latin1");
}
