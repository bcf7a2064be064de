import type { Hash } from "../crypto/suite.ts";
import { bitAt, branchHash, EMPTY_ROOT } from "./node-hash.ts";
import type { StatePath } from "./state-path.ts";
import {
  countOf,
  findInPage,
  leftOf,
  PAGE_SLOTS,
  type Page,
  pageHash,
  pageOf,
  pagePath,
  recordsOf,
  type SlotEntry,
  slotOf,
  withEntry,
  withoutKey,
  wordOf,
} from "./storage-page.ts";

/** Half-empty pages are joined at this many, so that none is split and joined in turns. */
const JOINED_SLOTS = PAGE_SLOTS / 2;

interface StorageBranch {
  readonly left: StorageNode | undefined;
  readonly right: StorageNode | undefined;
  hash?: Uint8Array;
  /** Slots below, once somebody has asked. */
  count?: number;
}

/**
 * The storage of one contract: branches down to pages of neighbouring slots. The same tree as one leaf a
 * slot would be, hash by hash, at an eighth of the memory. Below a branch are always more slots than
 * `JOINED_SLOTS`, so a leaf that is alone is never below one.
 */
export type StorageNode = StorageBranch | Page;

function isPage(node: StorageNode): node is Page {
  return "bytes" in node;
}

export function findSlot(
  hash: Hash,
  top: StorageNode | undefined,
  keyHash: Uint8Array,
): Uint8Array | undefined {
  let node = top;
  for (let depth = 0; node !== undefined; depth++) {
    if (isPage(node)) return findInPage(hash, node, keyHash);
    node = bitAt(keyHash, depth) === 0 ? node.left : node.right;
  }
  return undefined;
}

export function insertSlot(
  hash: Hash,
  node: StorageNode | undefined,
  entry: SlotEntry,
  depth: number,
): StorageNode {
  if (node === undefined || isPage(node)) return grown(hash, withEntry(hash, node, entry), depth);
  const { left, right } = node;
  return bitAt(entry.keyHash, depth) === 0
    ? { left: insertSlot(hash, left, entry, depth + 1), right }
    : { left, right: insertSlot(hash, right, entry, depth + 1) };
}

/** The page, or the branches that it becomes where it holds too much. */
function grown(hash: Hash, page: Page, depth: number): StorageNode {
  if (countOf(page) <= PAGE_SLOTS) return page;
  const records = recordsOf(page);
  const at = leftOf(hash, records, depth);
  const side = (some: readonly Uint8Array[]) =>
    some.length === 0 ? undefined : grown(hash, pageOf(some), depth + 1);
  return { left: side(records.slice(0, at)), right: side(records.slice(at)) };
}

export function removeSlot(
  hash: Hash,
  node: StorageNode | undefined,
  keyHash: Uint8Array,
  depth: number,
): StorageNode | undefined {
  if (node === undefined) return undefined;
  if (isPage(node)) return withoutKey(hash, node, keyHash);
  const goesLeft = bitAt(keyHash, depth) === 0;
  const left = goesLeft ? removeSlot(hash, node.left, keyHash, depth + 1) : node.left;
  const right = goesLeft ? node.right : removeSlot(hash, node.right, keyHash, depth + 1);
  if (left === node.left && right === node.right) return node;
  return joined(left, right);
}

function joined(left: StorageNode | undefined, right: StorageNode | undefined): StorageNode {
  const sides = [left, right].filter((side) => side !== undefined);
  if (!sides.every(isPage)) return { left, right };
  const records = sides.flatMap(recordsOf);
  return records.length <= JOINED_SLOTS ? pageOf(records) : { left, right };
}

export function storageRoot(hash: Hash, node: StorageNode | undefined, depth = 0): Uint8Array {
  if (node === undefined) return EMPTY_ROOT;
  if (isPage(node)) return pageHash(hash, node, depth);
  const { left, right } = node;
  // A copy is a small object; a digest brings a buffer outside the heap.
  node.hash ??= new Uint8Array(
    branchHash(hash, storageRoot(hash, left, depth + 1), storageRoot(hash, right, depth + 1)),
  );
  return node.hash;
}

/** How many slots there are. */
export function slotCount(node: StorageNode | undefined): number {
  if (node === undefined) return 0;
  if (isPage(node)) return countOf(node);
  node.count ??= slotCount(node.left) + slotCount(node.right);
  return node.count;
}

/** The way to where a slot stands, or would stand. */
export function storagePath(
  hash: Hash,
  top: StorageNode | undefined,
  keyHash: Uint8Array,
): StatePath {
  const siblings: Uint8Array[] = [];
  let node = top;
  while (node !== undefined && !isPage(node)) {
    const depth = siblings.length;
    const goesLeft = bitAt(keyHash, depth) === 0;
    siblings.push(storageRoot(hash, goesLeft ? node.right : node.left, depth + 1));
    node = goesLeft ? node.left : node.right;
  }
  const other = node && pagePath(hash, node, keyHash, siblings);
  return other === undefined ? { siblings } : { siblings, other };
}

/** All slots with their words, in the order of the slots' hashes. */
export function* storageEntries(
  top: StorageNode | undefined,
): IterableIterator<readonly [slot: Uint8Array, value: Uint8Array]> {
  const stack: (StorageNode | undefined)[] = [top];
  while (stack.length > 0) {
    const node = stack.pop();
    if (node === undefined) continue;
    if (!isPage(node)) stack.push(node.right, node.left);
    else for (const record of recordsOf(node)) yield [slotOf(record), wordOf(record)];
  }
}
