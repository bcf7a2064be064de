import type { Hash } from "../crypto/suite.ts";

const LEAF = Uint8Array.of(0x02);
const BRANCH = Uint8Array.of(0x03);
const OWNER = Uint8Array.of(0x04);
/** The hash of nothing. */
export const EMPTY_ROOT = new Uint8Array(32);

export function bitAt(keyHash: Uint8Array, depth: number): 0 | 1 {
  return ((keyHash[depth >> 3]! >> (7 - (depth & 7))) & 1) as 0 | 1;
}

/** H(0x02 ‖ H(key) ‖ H(value)), or with a tree of its own H(0x04 ‖ H(key) ‖ H(value) ‖ its root). */
export function leafHashOf(
  hash: Hash,
  keyHash: Uint8Array,
  valueHash: Uint8Array,
  ownRoot: Uint8Array | undefined,
): Uint8Array {
  if (ownRoot === undefined) return hash(LEAF, keyHash, valueHash);
  return hash(OWNER, keyHash, valueHash, ownRoot);
}

export function branchHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(BRANCH, left, right);
}
