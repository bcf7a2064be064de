import type { Hash } from "../crypto/suite.ts";
import { bitAt } from "./node-hash.ts";
import {
  find,
  hashOf,
  insert,
  isLeaf,
  type Leaf,
  type Node,
  pathTo,
  remove,
  slotsBelow,
} from "./state-node.ts";
import type { StatePath } from "./state-path.ts";
import {
  findSlot,
  insertSlot,
  removeSlot,
  type StorageNode,
  storageEntries,
  storagePath,
  storageRoot,
} from "./storage-tree.ts";

const ADDRESS_BYTES = 20;
const OWN_KEY_BYTES = 2 + ADDRESS_BYTES + 32;
/** `s/`. */
const SLOT_BEGIN = Uint8Array.of(0x73, 0x2f);

/** Changed entries in the order of their writing; without a value the entry goes. */
export interface TreeWrite {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/**
 * An authenticated key-value map: a binary trie over the hash of the key, where a leaf sits as high
 * as it is alone. Immutable: `set` and `delete` give a new tree that shares what did not change, so a
 * block is tried out on a tree of its own and rolled back by forgetting it. Nodes are hashed when the
 * root is asked for, once per block and not once per write. The root depends on the content alone.
 *
 * leaf = H(0x02 ‖ H(key) ‖ H(value)) · branch = H(0x03 ‖ left ‖ right) · nothing = 32 zero bytes.
 *
 * A contract's storage is a tree of its own under the contract's account (guide §4.3.1): an entry
 * `s/<address, 20 bytes><slot, 32 bytes>` lies in the tree of the leaf `a/<address>`, whose hash holds
 * its root: H(0x04 ‖ H(key) ‖ H(value) ‖ storage root).
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
    const owner = ownerOf(key);
    if (owner === undefined) return find(this.#top, this.#hash(key))?.value;
    return findSlot(this.#hash, this.#ownOf(owner), this.#hash(slotOf(key)));
  }

  /** A storage entry needs its account to be there. */
  set(key: Uint8Array, value: Uint8Array): StateTree {
    const owner = ownerOf(key);
    if (owner === undefined) {
      const keyHash = this.#hash(key);
      return this.#with(leafOf({ keyHash, key, value }, find(this.#top, keyHash)?.own));
    }
    const slot = slotOf(key);
    const entry = { slot, keyHash: this.#hash(slot), value };
    return this.#withOwn(owner, (own) => insertSlot(this.#hash, own, entry, 0));
  }

  delete(key: Uint8Array): StateTree {
    const owner = ownerOf(key);
    if (owner === undefined)
      return new StateTree(this.#hash, remove(this.#top, this.#hash(key), 0));
    const keyHash = this.#hash(slotOf(key));
    return this.#withOwn(owner, (own) => removeSlot(this.#hash, own, keyHash, 0));
  }

  /** All the writes in their order; those of one contract that follow one another are carried in at once. */
  with(writes: readonly TreeWrite[]): StateTree {
    let tree: StateTree = this;
    for (let at = 0; at < writes.length; ) {
      const { key, value } = writes[at]!;
      const run = runOf(writes, at);
      if (run === undefined) tree = value === undefined ? tree.delete(key) : tree.set(key, value);
      else tree = tree.#withSlots(run);
      at += run?.length ?? 1;
    }
    return tree;
  }

  /** Root of the tree that belongs to the entry, zeros where it has none. */
  ownRoot(key: Uint8Array): Uint8Array {
    return storageRoot(this.#hash, this.#ownOf(key)).slice();
  }

  /** What proves the entry, or that there is none, under `root`; of storage, under its own root. */
  path(key: Uint8Array): StatePath {
    const owner = ownerOf(key);
    if (owner === undefined) return pathTo(this.#hash, this.#top, this.#hash(key));
    return storagePath(this.#hash, this.#ownOf(owner), this.#hash(slotOf(key)));
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

  /** How many slots all contracts hold. */
  get slots(): number {
    return slotsBelow(this.#top);
  }

  get isEmpty(): boolean {
    return this.#top === undefined;
  }

  /** All entries, in the order of the hashes of their keys; a contract's storage after its account. */
  *entries(): IterableIterator<readonly [key: Uint8Array, value: Uint8Array]> {
    const stack: (Node | undefined)[] = [this.#top];
    while (stack.length > 0) {
      const node = stack.pop();
      if (node === undefined) continue;
      if (!isLeaf(node)) stack.push(node.right, node.left);
      else {
        yield [node.key, node.value];
        const address = node.key.subarray(2);
        for (const [slot, value] of storageEntries(node.own)) {
          yield [Buffer.concat([SLOT_BEGIN, address, slot]), value];
        }
      }
    }
  }

  #ownOf(owner: Uint8Array): StorageNode | undefined {
    return find(this.#top, this.#hash(owner))?.own;
  }

  #with(leaf: Leaf): StateTree {
    return new StateTree(this.#hash, insert(this.#top, leaf, 0));
  }

  /** Writes to the storage of one contract. */
  #withSlots(writes: readonly TreeWrite[]): StateTree {
    const hash = this.#hash;
    return this.#withOwn(ownerOf(writes[0]!.key)!, (own) => {
      let top = own;
      for (const { key, value } of writes) {
        const slot = slotOf(key);
        const keyHash = hash(slot);
        if (value === undefined) top = removeSlot(hash, top, keyHash, 0);
        else top = insertSlot(hash, top, { slot, keyHash, value }, 0);
      }
      return top;
    });
  }

  #withOwn(
    owner: Uint8Array,
    change: (own: StorageNode | undefined) => StorageNode | undefined,
  ): StateTree {
    const leaf = find(this.#top, this.#hash(owner));
    if (leaf === undefined) throw new Error("storage of an account that is not there");
    const own = change(leaf.own);
    if (own === leaf.own) return this;
    const { keyHash, key, value } = leaf;
    return this.#with(leafOf({ keyHash, key, value }, own));
  }
}

function leafOf(leaf: Leaf, own: StorageNode | undefined): Leaf {
  return own === undefined ? leaf : { ...leaf, own };
}

/** `a/<address>` for `s/<address><slot>`; undefined for every other key. */
function ownerOf(key: Uint8Array): Uint8Array | undefined {
  if (key.length !== OWN_KEY_BYTES || key[0] !== 0x73 || key[1] !== 0x2f) return undefined;
  const owner = new Uint8Array(key.subarray(0, 2 + ADDRESS_BYTES)); // a copy, also of a Buffer
  owner[0] = 0x61;
  return owner;
}

/** The writes from a place on that are to the same storage; undefined where there is none. */
function runOf(writes: readonly TreeWrite[], from: number): readonly TreeWrite[] | undefined {
  const { key } = writes[from]!;
  if (ownerOf(key) === undefined) return undefined;
  const isOther = ({ key: other }: TreeWrite) =>
    other.length !== OWN_KEY_BYTES ||
    Buffer.compare(other.subarray(0, 2 + ADDRESS_BYTES), key.subarray(0, 2 + ADDRESS_BYTES)) !== 0;
  let to = from + 1;
  while (to < writes.length && !isOther(writes[to]!)) to++;
  return writes.slice(from, to);
}

function slotOf(key: Uint8Array): Uint8Array {
  return key.subarray(2 + ADDRESS_BYTES);
}

function hasPrefix(keyHash: Uint8Array, depth: number, index: number): boolean {
  let prefix = 0;
  for (let at = 0; at < depth; at++) prefix = prefix * 2 + bitAt(keyHash, at);
  return prefix === index;
}
