import type { Hash } from "../crypto/suite.ts";
import { verifyPath } from "../merkle/tree.ts";
import { chunkCount, chunkSpan, type ObjectManifest, type SaltPolicy } from "./manifest.ts";

/** From which the salts of all chunks follow. It goes with the bytes, never onto the chain. */
export const SECRET_BYTES = 32;
export const SALT_BYTES = 16;
const LEAF = Uint8Array.of(0x00);
const PURPOSE = new TextEncoder().encode("gridledger object salt");

/**
 * The salt of one chunk: the first 16 bytes of H("gridledger object salt" ‖ secret ‖ index, 4 bytes).
 * Who is shown one learns nothing of the others. Empty where the policy is `none`.
 */
export function saltOf(
  hash: Hash,
  policy: SaltPolicy,
  secret: Uint8Array,
  index: number,
): Uint8Array {
  if (policy === "none") return new Uint8Array(0);
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, index);
  return hash(PURPOSE, secret, number).slice(0, SALT_BYTES);
}

/** H(0x00 ‖ salt ‖ chunk): a leaf of RFC 6962 that tells nothing of few possible chunks. */
export function chunkLeaf(hash: Hash, salt: Uint8Array, chunk: Uint8Array): Uint8Array {
  return hash(LEAF, salt, chunk);
}

/** One chunk with what proves it. */
export interface ProvenChunk {
  readonly index: number;
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
  /** Sibling hashes up to the root. */
  readonly path: readonly Uint8Array[];
}

/** True when these are the bytes that the manifest's root has at this place. */
export function isChunkOf(hash: Hash, manifest: ObjectManifest, chunk: ProvenChunk): boolean {
  const { index, salt, bytes, path } = chunk;
  const span = chunkSpan(manifest, index);
  if (bytes.length !== span.to - span.from) return false;
  if (salt.length !== (manifest.saltPolicy === "none" ? 0 : SALT_BYTES)) return false;
  const place = { index, size: chunkCount(manifest) };
  return verifyPath(hash, manifest.root, place, chunkLeaf(hash, salt, bytes), path);
}

/** Cuts a stream of bytes into chunks, whatever the pieces in which it comes. */
export class ChunkCutter {
  readonly #chunkBytes: number;
  #filling = new Uint8Array(0);
  #filledBytes = 0;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
  }

  /** The chunks that are complete with this piece. */
  push(piece: Uint8Array): Uint8Array[] {
    const done: Uint8Array[] = [];
    for (let at = 0; at < piece.length; ) {
      if (this.#filledBytes === 0) this.#filling = new Uint8Array(this.#chunkBytes);
      const part = piece.subarray(at, at + this.#chunkBytes - this.#filledBytes);
      this.#filling.set(part, this.#filledBytes);
      this.#filledBytes += part.length;
      at += part.length;
      if (this.#filledBytes < this.#chunkBytes) break;
      done.push(this.#filling);
      this.#filledBytes = 0;
    }
    return done;
  }

  /** What is left, when `chunks` came before it: nothing, or the last chunk, which is shorter. */
  finish(chunks: number): Uint8Array[] {
    if (this.#filledBytes === 0 && chunks > 0) return [];
    return [this.#filling.slice(0, this.#filledBytes)];
  }
}
