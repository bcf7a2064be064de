import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { bytesKey } from "./prepared-transaction.ts";

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

/** `[[hash, validUntilHeight] …]`, as the store keeps them beside their block. */
export function encodeRecent(transactions: readonly RecentTransaction[]): Uint8Array {
  const writer = new CborWriter(8 + transactions.length * 44).array(transactions.length);
  for (const { hash, validUntilHeight } of transactions) {
    writer.array(2).bytes(hash).uint(validUntilHeight);
  }
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeRecent(encoded: Uint8Array): RecentTransaction[] {
  const reader = new CborReader(encoded);
  const transactions: RecentTransaction[] = [];
  for (let left = reader.array("recent", MAX_ENTRIES); left > 0; left--) {
    reader.tuple("transaction", 2);
    const hash = reader.fixedBytes("hash", 32);
    transactions.push({ hash, validUntilHeight: reader.uint("validUntilHeight") });
  }
  reader.end();
  return transactions;
}
