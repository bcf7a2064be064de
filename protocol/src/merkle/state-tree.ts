import type { Hash } from "../crypto/suite.ts";
import { equalBytes } from "../hex.ts";

const LEAF = Uint8Array.of(0x02);
const BRANCH = Uint8Array.of(0x03);
const EMPTY_ROOT = new Uint8Array(32);

interface Leaf {
  readonly keyHash: Uint8Array;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  hash?: Uint8Array;
}

interface Branch {
  readonly left: Node | undefined;
  readonly right: Node | undefined;
  hash?: Uint8Array;
}

type Node = Leaf | Branch;

function isLeaf(node: Node): node is Leaf {
  return "value" in node;
}

function bitAt(keyHash: Uint8Array, depth: number): 0 | 1 {
  return ((keyHash[depth >> 3]! >> (7 - (depth & 7))) & 1) as 0 | 1;
}

/**
 * An authenticated key-value map: a binary trie over the hash of the key, where a leaf sits as high
 * as it is alone. Immutable: `set` and `delete` give a new tree that shares what did not change, so a
 * block is tried out on a tree of its own and rolled back by forgetting it. Nodes are hashed when the
 * root is asked for, once per block and not once per write. The root depends on the content alone.
 *
 * leaf = H(0x02 ‖ H(key) ‖ H(value)) · branch = H(0x03 ‖ left ‖ right) · nothing = 32 zero bytes.
 */
export class StateTree {
  readonly #hash: Hash;
  readonly #top: Node | undefined;

  constructor(hash: Hash, top?: unknown) {
    this.#hash = hash;
    this.#top = top as Node | undefined;
  }

  get root(): Uint8Array {
    return hashOf(this.#hash, this.#top);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const keyHash = this.#hash(key);
    let node = this.#top;
    for (let depth = 0; node !== undefined; depth++) {
      if (isLeaf(node)) return equalBytes(node.keyHash, keyHash) ? node.value : undefined;
      node = bitAt(keyHash, depth) === 0 ? node.left : node.right;
    }
    return undefined;
  }

  set(key: Uint8Array, value: Uint8Array): StateTree {
    return new StateTree(
      this.#hash,
      insert(this.#top, { keyHash: this.#hash(key), key, value }, 0),
    );
  }

  delete(key: Uint8Array): StateTree {
    return new StateTree(this.#hash, remove(this.#top, this.#hash(key), 0));
  }

  /**
   * What stands below a place `depth` branches down, `index` being the bits on the way: a branch, or a leaf
   * that is alone there. Shares the nodes of this tree; its root is the hash of that branch or leaf.
   */
  below(depth: number, index: number): StateTree {
    let node = this.#top;
    for (let at = 0; at < depth && node !== undefined; at++) {
      if (isLeaf(node)) break;
      const bit = Math.floor(index / 2 ** (depth - 1 - at)) % 2;
      node = bit === 0 ? node.left : node.right;
    }
    // A leaf sits as high as it is alone, perhaps above this place and on another way.
    const isElsewhere =
      node !== undefined && isLeaf(node) && !hasPrefix(node.keyHash, depth, index);
    return new StateTree(this.#hash, isElsewhere ? undefined : node);
  }

  /** True for one entry alone. */
  get isSingle(): boolean {
    return this.#top !== undefined && isLeaf(this.#top);
  }

  get isEmpty(): boolean {
    return this.#top === undefined;
  }

  /** All entries, in the order of the hashes of their keys. */
  *entries(): IterableIterator<readonly [key: Uint8Array, value: Uint8Array]> {
    const stack: (Node | undefined)[] = [this.#top];
    while (stack.length > 0) {
      const node = stack.pop();
      if (node === undefined) continue;
      if (isLeaf(node)) yield [node.key, node.value];
      else stack.push(node.right, node.left);
    }
  }
}

function hasPrefix(keyHash: Uint8Array, depth: number, index: number): boolean {
  let prefix = 0;
  for (let at = 0; at < depth; at++) prefix = prefix * 2 + bitAt(keyHash, at);
  return prefix === index;
}

function hashOf(hash: Hash, node: Node | undefined): Uint8Array {
  if (node === undefined) return EMPTY_ROOT;
  node.hash ??= isLeaf(node)
    ? hash(LEAF, node.keyHash, hash(node.value))
    : hash(BRANCH, hashOf(hash, node.left), hashOf(hash, node.right));
  return node.hash;
}

function insert(node: Node | undefined, leaf: Leaf, depth: number): Node {
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

function remove(node: Node | undefined, keyHash: Uint8Array, depth: number): Node | undefined {
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
