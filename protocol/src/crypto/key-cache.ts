const DEFAULT_CAPACITY = 16_384;

/**
 * Imported public keys by their bytes. Importing costs more than verifying, and a channel sees the
 * same keys again and again; the oldest entry leaves when the cache is full.
 */
export class KeyCache<Key> {
  readonly #import: (publicKey: Uint8Array) => Key;
  readonly #capacity: number;
  readonly #keys = new Map<string, Key>();

  constructor(importKey: (publicKey: Uint8Array) => Key, capacity = DEFAULT_CAPACITY) {
    this.#import = importKey;
    this.#capacity = capacity;
  }

  get(publicKey: Uint8Array): Key {
    const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength).toString(
      "latin1",
    );
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const imported = this.#import(publicKey);
    if (this.#keys.size >= this.#capacity) {
      const oldest = this.#keys.keys().next();
      if (!oldest.done) this.#keys.delete(oldest.value);
    }
    this.#keys.set(name, imported);
    return imported;
  }
}
