import type { Hash } from "../crypto/suite.ts";
import { equalBytes } from "../hex.ts";
import { bitAt, branchHash, EMPTY_ROOT, leafHashOf } from "./node-hash.ts";
import type { StatePath } from "./state-path.ts";
import { type StorageNode, slotCount, storageRoot } from "./storage-tree.ts";

export interface Leaf {
  readonly keyHash: Uint8Array;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** The tree that belongs to the entry alone: a contract's storage. */
  readonly own?: StorageNode;
  hash?: Uint8Array;
}

export interface Branch {
  readonly left: Node | undefined;
  readonly right: Node | undefined;
  hash?: Uint8Array;
  /** Slots of contracts below, once somebody has asked. */
  slots?: number;
}

export type Node = Leaf | Branch;

export function isLeaf(node: Node): node is Leaf {
  return "value" in node;
}

export function hashOf(hash: Hash, node: Node | undefined): Uint8Array {
  if (node === undefined) return EMPTY_ROOT;
  node.hash ??= isLeaf(node)
    ? leafHashOf(hash, node.keyHash, hash(node.value), node.own && storageRoot(hash, node.own))
    : branchHash(hash, hashOf(hash, node.left), hashOf(hash, node.right));
  return node.hash;
}

/** Slots of all contracts below; counted where something changed since it was asked. */
export function slotsBelow(node: Node | undefined): number {
  if (node === undefined) return 0;
  if (isLeaf(node)) return slotCount(node.own);
  node.slots ??= slotsBelow(node.left) + slotsBelow(node.right);
  return node.slots;
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

/** The way to where a key stands, or would stand. */
export function pathTo(hash: Hash, top: Node | undefined, keyHash: Uint8Array): StatePath {
  const siblings: Uint8Array[] = [];
  let node = top;
  while (node !== undefined && !isLeaf(node)) {
    const goesLeft = bitAt(keyHash, siblings.length) === 0;
    siblings.push(hashOf(hash, goesLeft ? node.right : node.left));
    node = goesLeft ? node.left : node.right;
  }
  if (node === undefined || equalBytes(node.keyHash, keyHash)) return { siblings };
  const ownRoot = node.own === undefined ? {} : { ownRoot: storageRoot(hash, node.own) };
  return { siblings, other: { keyHash: node.keyHash, valueHash: hash(node.value), ...ownRoot } };
}
