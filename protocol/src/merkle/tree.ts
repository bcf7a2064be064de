import type { Hash } from "../crypto/suite.ts";
import { equalBytes } from "../hex.ts";

const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

/** RFC 6962 §2.1: H(0x00 ‖ data). */
export function leafHash(hash: Hash, data: Uint8Array): Uint8Array {
  return hash(LEAF, data);
}

function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(NODE, left, right);
}

/**
 * The Merkle tree of RFC 6962 §2.1 over leaf hashes, kept level by level. A node without a sibling
 * moves up unchanged, which gives the same root as the RFC's split at the largest power of two.
 */
export class MerkleTree {
  readonly #levels: Uint8Array[][];
  readonly root: Uint8Array;

  constructor(hash: Hash, leafHashes: readonly Uint8Array[]) {
    this.#levels = [[...leafHashes]];
    let level = this.#levels[0]!;
    while (level.length > 1) {
      const above: Uint8Array[] = [];
      for (let i = 0; i < level.length; i += 2) {
        const right = level[i + 1];
        above.push(right === undefined ? level[i]! : nodeHash(hash, level[i]!, right));
      }
      this.#levels.push(above);
      level = above;
    }
    this.root = level[0] ?? hash();
  }

  /** Sibling hashes from the leaf up to the root, RFC 6962 §2.1.1. */
  path(index: number): Uint8Array[] {
    const path: Uint8Array[] = [];
    let at = index;
    for (const level of this.#levels.slice(0, -1)) {
      const sibling = level[at ^ 1];
      if (sibling !== undefined) path.push(sibling);
      at >>= 1;
    }
    return path;
  }
}

/** True when `leaf` (a leaf hash) is number `index` of `size` leaves under `root`, RFC 9162 §2.1.3.2. */
export function verifyPath(
  hash: Hash,
  root: Uint8Array,
  place: { readonly index: number; readonly size: number },
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  if (!(place.index >= 0 && place.index < place.size)) return false;
  let at = place.index;
  let last = place.size - 1;
  let current = leaf;
  let used = 0;
  while (last > 0) {
    const hasSibling = at % 2 === 1 || at < last;
    if (hasSibling) {
      const sibling = path[used++];
      if (sibling === undefined) return false;
      current = at % 2 === 1 ? nodeHash(hash, sibling, current) : nodeHash(hash, current, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return used === path.length && equalBytes(current, root);
}
