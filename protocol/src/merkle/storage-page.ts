import type { Hash } from "../crypto/suite.ts";
import { equalBytes } from "../hex.ts";
import { bitAt, branchHash, EMPTY_ROOT, leafHashOf } from "./node-hash.ts";
import type { OtherLeaf } from "./state-path.ts";

/** Slots in one page; more become a branch of two. */
export const PAGE_SLOTS = 16;
const HASH_BYTES = 32;
const SLOT_BYTES = 32;
const MAX_VALUE_BYTES = 32;
/** So much of a slot's hash orders a page; only who grinds for it makes two begin alike. */
const PREFIX_BYTES = 8;
const NO_RECORD = new Uint8Array(0);
const LEAF_AT = PREFIX_BYTES;
const SLOT_AT = LEAF_AT + HASH_BYTES;
const LENGTH_AT = SLOT_AT + SLOT_BYTES;
const VALUE_AT = LENGTH_AT + 1;

/**
 * Neighbouring slots of a contract's storage in one piece of memory: objects of their own would take ten
 * times as much. It stands for the part of the tree that has these leaves and nothing else, and hashes
 * like it. Its bytes are its hash, once known, then a record a slot in the order of the slots' hashes:
 * `hash's first 8 bytes · leaf hash · slot · length · value`. Never changed but for the hash.
 */
export interface Page {
  readonly bytes: Uint8Array;
  /** Where each record begins, and where the last ends. */
  readonly places: Uint16Array;
  isHashed: boolean;
}

/** One slot and its word. */
export interface SlotEntry {
  readonly slot: Uint8Array;
  /** Of the slot. */
  readonly keyHash: Uint8Array;
  readonly value: Uint8Array;
}

export function countOf(page: Page): number {
  return page.places.length - 1;
}

function recordAt({ bytes, places }: Page, index: number): Uint8Array {
  return bytes.subarray(places[index]!, places[index + 1]!);
}

export function recordsOf(page: Page): Uint8Array[] {
  return Array.from({ length: countOf(page) }, (_, index) => recordAt(page, index));
}

/** A page of records that stand in order. */
export function pageOf(records: readonly Uint8Array[]): Page {
  const places = new Uint16Array(records.length + 1);
  places[0] = HASH_BYTES;
  for (const [i, record] of records.entries()) places[i + 1] = places[i]! + record.length;
  const bytes = new Uint8Array(places[records.length]!);
  for (const [i, record] of records.entries()) bytes.set(record, places[i]!);
  return { bytes, places, isHashed: false };
}

export function slotOf(record: Uint8Array): Uint8Array {
  return record.subarray(SLOT_AT, LENGTH_AT);
}

export function wordOf(record: Uint8Array): Uint8Array {
  return record.subarray(VALUE_AT);
}

/** @throws Error for a word of more than 32 bytes: there is none in a contract's storage */
function recordOf(hash: Hash, { slot, keyHash, value }: SlotEntry): Uint8Array {
  if (slot.length !== SLOT_BYTES || value.length > MAX_VALUE_BYTES) {
    throw new Error("storage holds words of 32 bytes");
  }
  const record = new Uint8Array(VALUE_AT + value.length);
  record.set(keyHash.subarray(0, PREFIX_BYTES));
  record.set(leafHashOf(hash, keyHash, hash(value), undefined), LEAF_AT);
  record.set(slot, SLOT_AT);
  record[LENGTH_AT] = value.length;
  record.set(value, VALUE_AT);
  return record;
}

/** Where a key stands or would stand: `~index` where it is not there. */
export function indexOf(hash: Hash, page: Page, keyHash: Uint8Array): number {
  const { bytes, places } = page;
  for (let index = 0; index < countOf(page); index++) {
    const order = compare(hash, bytes, places[index]!, keyHash);
    if (order === 0) return index;
    if (order > 0) return ~index;
  }
  return ~countOf(page);
}

/** The record's key against another. */
function compare(hash: Hash, bytes: Uint8Array, at: number, keyHash: Uint8Array): number {
  for (let i = 0; i < PREFIX_BYTES; i++) {
    const difference = bytes[at + i]! - keyHash[i]!;
    if (difference !== 0) return difference;
  }
  const full = hash(bytes.subarray(at + SLOT_AT, at + LENGTH_AT));
  return Buffer.compare(full, keyHash);
}

export function findInPage(hash: Hash, page: Page, keyHash: Uint8Array): Uint8Array | undefined {
  const index = indexOf(hash, page, keyHash);
  // A copy: a value must not hold its page.
  return index < 0 ? undefined : wordOf(recordAt(page, index)).slice();
}

/** The page with the entry; it may hold one more than it should. */
export function withEntry(hash: Hash, page: Page | undefined, entry: SlotEntry): Page {
  const record = recordOf(hash, entry);
  if (page === undefined) return pageOf([record]);
  const index = indexOf(hash, page, entry.keyHash);
  return index < 0 ? spliced(page, ~index, 0, record) : spliced(page, index, 1, record);
}

/** The page with one record more, less or another; its bytes are copied in two pieces. */
function spliced(page: Page, index: number, removed: 0 | 1, record: Uint8Array = NO_RECORD): Page {
  const { bytes, places } = page;
  const [from, to] = [places[index]!, places[index + removed]!];
  const added = record.length === 0 ? 0 : 1;
  const shift = record.length - (to - from);
  const next = new Uint8Array(bytes.length + shift);
  next.set(bytes.subarray(HASH_BYTES, from), HASH_BYTES);
  next.set(record, from);
  next.set(bytes.subarray(to), from + record.length);
  const nextPlaces = new Uint16Array(places.length + added - removed);
  for (let i = 0; i <= index; i++) nextPlaces[i] = places[i]!;
  for (let i = index + removed + (added === 0 ? 1 : 0); i < places.length; i++) {
    nextPlaces[i + added - removed] = places[i]! + shift;
  }
  return { bytes: next, places: nextPlaces, isHashed: false };
}

/** The same page where the key is not there. */
export function withoutKey(hash: Hash, page: Page, keyHash: Uint8Array): Page | undefined {
  const index = indexOf(hash, page, keyHash);
  if (index < 0) return page;
  if (countOf(page) === 1) return undefined;
  return spliced(page, index, 1);
}

/** The bit of a record's key, which a page of 16 seldom asks beyond its prefix. */
function recordBit(hash: Hash, record: Uint8Array, depth: number): 0 | 1 {
  return bitAt(depth < 8 * PREFIX_BYTES ? record : hash(slotOf(record)), depth);
}

/** How many of the records lie to the left at this depth. */
export function leftOf(hash: Hash, records: readonly Uint8Array[], depth: number): number {
  const at = records.findIndex((record) => recordBit(hash, record, depth) === 1);
  return at === -1 ? records.length : at;
}

/** The hash of the part of the tree, its top being so many branches down. */
export function pageHash(hash: Hash, page: Page, depth: number): Uint8Array {
  const known = page.bytes.subarray(0, HASH_BYTES);
  if (page.isHashed) return known;
  known.set(recordsHash(hash, recordsOf(page), depth));
  page.isHashed = true;
  return known;
}

function recordsHash(hash: Hash, records: readonly Uint8Array[], depth: number): Uint8Array {
  if (records.length === 0) return EMPTY_ROOT;
  if (records.length === 1) return records[0]!.subarray(LEAF_AT, SLOT_AT);
  const at = leftOf(hash, records, depth);
  const left = recordsHash(hash, records.slice(0, at), depth + 1);
  return branchHash(hash, left, recordsHash(hash, records.slice(at), depth + 1));
}

/** Goes on with a way that has come to this page; another leaf at its end, where it ends at one. */
export function pagePath(
  hash: Hash,
  page: Page,
  keyHash: Uint8Array,
  siblings: Uint8Array[],
): OtherLeaf | undefined {
  let records = recordsOf(page);
  while (records.length > 1) {
    const depth = siblings.length;
    const at = leftOf(hash, records, depth);
    const [left, right] = [records.slice(0, at), records.slice(at)];
    const goesLeft = bitAt(keyHash, depth) === 0;
    siblings.push(recordsHash(hash, goesLeft ? right : left, depth + 1).slice());
    records = goesLeft ? left : right;
  }
  const [end] = records;
  if (end === undefined) return undefined;
  const found = hash(slotOf(end));
  return equalBytes(found, keyHash) ? undefined : { keyHash: found, valueHash: hash(wordOf(end)) };
}
