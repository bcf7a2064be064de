import type { Hash } from "../crypto/suite.ts";
import { equalBytes } from "../hex.ts";

const LEAF = Uint8Array.of(0x02);
const BRANCH = Uint8Array.of(0x03);
const OWNER = Uint8Array.of(0x04);
/** The hash of nothing. */
export const EMPTY_ROOT = new Uint8Array(32);

export interface Leaf {
  readonly keyHash: Uint8Array;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** The tree that belongs to the entry alone, for example a contract's storage. */
  readonly own?: Node;
  hash?: Uint8Array;
}

export interface Branch {
  readonly left: Node | undefined;
  readonly right: Node | undefined;
  hash?: Uint8Array;
}

export type Node = Leaf | Branch;

export function isLeaf(node: Node): node is Leaf {
  return "value" in node;
}

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

export function hashOf(hash: Hash, node: Node | undefined): Uint8Array {
  if (node === undefined) return EMPTY_ROOT;
  node.hash ??= isLeaf(node)
    ? leafHashOf(hash, node.keyHash, hash(node.value), node.own && hashOf(hash, node.own))
    : branchHash(hash, hashOf(hash, node.left), hashOf(hash, node.right));
  return node.hash;
}

export function find(top: Node | undefined, keyHash: Uint8Array): Leaf | undefined {
  let node = top;
  for (let depth = 0; node !== undefined; depth++) {
    if (isLeaf(node)) return equalBytes(node.keyHash, keyHash) ? node : undefined;
    node = bitAt(keyHash, depth) === 0 ? node.left : node.right;
  }
  return undefined;
}

export function insert(node: Node | undefined, leaf: Leaf, depth: number): Node {
  if (node === undefined) return leaf;
  if (isLeaf(node)) {
    return equalBytes(node.keyHash, leaf.keyHash) ? leaf : split(node, leaf, depth);
  }
  return bitAt(leaf.keyHash, depth) === 0
    ? { left: insert(node.left, leaf, depth + 1), right: node.right }
    : { left: node.left, right: insert(node.right, leaf, depth + 1) };
}

/** The branches down to the first bit in which two leaves differ. */
function split(a: Leaf, b: Leaf, depth: number): Branch {
  const bitA = bitAt(a.keyHash, depth);
  if (bitA !== bitAt(b.keyHash, depth)) {
    return bitA === 0 ? { left: a, right: b } : { left: b, right: a };
  }
  const below = split(a, b, depth + 1);
  return bitA === 0 ? { left: below, right: undefined } : { left: undefined, right: below };
}

export function remove(
  node: Node | undefined,
  keyHash: Uint8Array,
  depth: number,
): Node | undefined {
  if (node === undefined) return undefined;
  if (isLeaf(node)) return equalBytes(node.keyHash, keyHash) ? undefined : node;
  const goesLeft = bitAt(keyHash, depth) === 0;
  const left = goesLeft ? remove(node.left, keyHash, depth + 1) : node.left;
  const right = goesLeft ? node.right : remove(node.right, keyHash, depth + 1);
  if (left === node.left && right === node.right) return node;
  // A leaf that is alone again moves up, so that the shape depends on the content alone.
  if (left === undefined) return right === undefined || isLeaf(right) ? right : { left, right };
  if (right === undefined && isLeaf(left)) return left;
  return { left, right };
}
