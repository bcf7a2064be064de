import type { PreparedTransaction } from "../state/prepared-transaction.ts";
import type { RunPlace } from "../state/transaction-kind.ts";

/** A transaction that waits. */
export interface PoolEntry {
  readonly transaction: PreparedTransaction;
  readonly place: RunPlace | undefined;
  /** Who it counts for: `bytesKey` of the sender, or what its place names. */
  readonly owner: string;
  /** By the pool's clock, like `sentMs`. */
  readonly arrivedMs: number;
  /** When it was last passed on to the other nodes. */
  sentMs: number;
}
