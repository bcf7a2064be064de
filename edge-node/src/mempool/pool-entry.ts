import type { PreparedTransaction } from "../state/prepared-transaction.ts";
import type { MeterPlace } from "../state/transaction-kind.ts";

/** A transaction that waits. */
export interface PoolEntry {
  readonly transaction: PreparedTransaction;
  readonly place: MeterPlace | undefined;
  /** `bytesKey` of the sender. */
  readonly sender: string;
  /** By the pool's clock, like `sentMs`. */
  readonly arrivedMs: number;
  /** When it was last passed on to the other nodes. */
  sentMs: number;
}
