import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import type { StateTable } from "@gridledger/protocol/ledger/state";
import { VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import { bytesKey } from "./prepared-transaction.ts";
import type { StateReader, StateView } from "./state-view.ts";

const MAX_ENTRIES = 65_536;

/** A transaction that may not happen again while its window is open. */
export interface RecentTransaction {
  readonly hash: Uint8Array;
  readonly validUntilHeight: number;
}

/**
 * Hashes of final transactions whose window is still open, without reading batches, which their
 * meters' sequences guard. After the window closes the window itself refuses a replay.
 */
export class RecentTransactions {
  readonly #keys = new Set<string>();
  readonly #byHeight = new Map<number, string[]>();

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  get size(): number {
    return this.#keys.size;
  }

  add(transactions: readonly RecentTransaction[]): void {
    for (const { hash, validUntilHeight } of transactions) {
      const key = bytesKey(hash);
      this.#keys.add(key);
      const there = this.#byHeight.get(validUntilHeight);
      if (there === undefined) this.#byHeight.set(validUntilHeight, [key]);
      else there.push(key);
    }
  }

  /** Forgets what no block above `height` can hold. */
  forget(height: number): void {
    for (const key of this.#byHeight.get(height) ?? []) this.#keys.delete(key);
    this.#byHeight.delete(height);
  }
}

/** Hashes in one entry of the state: it must fit into a message of a snapshot. */
const SLOT_TRANSACTIONS = 2_048;

/**
 * `w/<height mod window>.<part>` → `[[hash, validUntilHeight] …]`: what a block remembers against replay
 * stands under the state root, so that a node which begins with a snapshot refuses what all others
 * refuse. The window has gone by when a slot is written again; nothing has to be deleted.
 */
const recentSlots: StateTable<string, readonly RecentTransaction[]> = {
  keyOf: (slot) => `w/${slot}`,
  encode: encodeRecent,
  decode: decodeRecent,
};

function slotOf(height: number, part: number): string {
  return `${height % VALIDITY_WINDOW_BLOCKS}.${part}`;
}

/** Remembers a block's transactions in the state. */
export function writeRecent(
  state: StateView,
  height: number,
  transactions: readonly RecentTransaction[],
): void {
  for (let at = 0; at < transactions.length; at += SLOT_TRANSACTIONS) {
    const some = transactions.slice(at, at + SLOT_TRANSACTIONS);
    state.set(recentSlots, slotOf(height, at / SLOT_TRANSACTIONS), some);
  }
}

/** Those of a state after `height` whose window is still open. */
export function readRecent(state: StateReader, height: number): RecentTransaction[] {
  const open: RecentTransaction[] = [];
  for (let slot = 0; slot < VALIDITY_WINDOW_BLOCKS; slot++) {
    for (let part = 0; ; part++) {
      const transactions = state.get(recentSlots, slotOf(slot, part));
      if (transactions === undefined) break;
      open.push(...transactions.filter(({ validUntilHeight }) => validUntilHeight > height));
    }
  }
  return open;
}

/** `[[hash, validUntilHeight] …]`. */
function encodeRecent(transactions: readonly RecentTransaction[]): Uint8Array {
  const writer = new CborWriter(8 + transactions.length * 44).array(transactions.length);
  for (const { hash, validUntilHeight } of transactions) {
    writer.array(2).bytes(hash).uint(validUntilHeight);
  }
  return writer.finish();
}

/** @throws Fault CBOR_* */
function decodeRecent(encoded: Uint8Array): RecentTransaction[] {
  const reader = new CborReader(encoded);
  const transactions: RecentTransaction[] = [];
  for (let left = reader.array("recent", MAX_ENTRIES); left > 0; left--) {
    reader.tuple("transaction", 2);
    const hash = Uint8Array.from(reader.fixedBytes("hash", 32));
    transactions.push({ hash, validUntilHeight: reader.uint("validUntilHeight") });
  }
  reader.end();
  return transactions;
}
