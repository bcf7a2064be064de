import type { Hash } from "../crypto/suite.ts";
import { MerkleTree } from "../merkle/tree.ts";
import { ChunkCutter, chunkLeaf, saltOf } from "./chunks.ts";
import type { SaltPolicy } from "./manifest.ts";

interface DigestOptions {
  readonly chunkBytes: number;
  readonly saltPolicy: SaltPolicy;
  /** `SECRET_BYTES` of a good random source; unused where there are no salts. */
  readonly secret: Uint8Array;
}

export interface Digest {
  readonly root: Uint8Array;
  readonly leaves: readonly Uint8Array[];
  readonly sizeBytes: number;
}

/** Root and leaves of bytes that come in pieces, with no more than a chunk of them in memory. */
export class ObjectDigest {
  readonly #hash: Hash;
  readonly #options: DigestOptions;
  readonly #cutter: ChunkCutter;
  readonly #leaves: Uint8Array[] = [];
  #sizeBytes = 0;

  constructor(hash: Hash, options: DigestOptions) {
    this.#hash = hash;
    this.#options = options;
    this.#cutter = new ChunkCutter(options.chunkBytes);
  }

  push(piece: Uint8Array): void {
    this.#sizeBytes += piece.length;
    for (const chunk of this.#cutter.push(piece)) this.#add(chunk);
  }

  finish(): Digest {
    for (const chunk of this.#cutter.finish(this.#leaves.length)) this.#add(chunk);
    const { root } = new MerkleTree(this.#hash, this.#leaves);
    return { root, leaves: this.#leaves, sizeBytes: this.#sizeBytes };
  }

  #add(chunk: Uint8Array): void {
    const { saltPolicy, secret } = this.#options;
    const salt = saltOf(this.#hash, saltPolicy, secret, this.#leaves.length);
    this.#leaves.push(chunkLeaf(this.#hash, salt, chunk));
  }
}
