import { asFault, Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTransactions } from "@gridledger/protocol/messages/transactions";
import { PreparedTransaction } from "../state/prepared-transaction.ts";

/** A slice of admission work; consensus messages that came in meanwhile go before the next slice. */
const SLICE_MS = 4;
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;

interface TransactionInboxDeps {
  readonly chain: Chain;
  readonly pool: { add(transaction: PreparedTransaction): Fault | undefined };
  /** Monotonic time in ms. */
  readonly clock: () => number;
  /** Runs the callback after input that waits has been read. */
  readonly defer: (run: () => void) => void;
  /** Every transaction that decodes, before admission: a proposal may be waiting for its body. */
  readonly onSeen: (transaction: PreparedTransaction) => void;
  readonly onAdmitted: () => void;
  readonly onRefused: (publisher: string, encoded: Uint8Array, fault: Fault) => void;
}

interface Parcel {
  readonly publisher: string;
  readonly transactions: readonly Uint8Array[];
  readonly bytes: number;
}

/** Takes transaction messages as fast as they come and admits them in slices. */
export class TransactionInbox {
  readonly #deps: TransactionInboxDeps;
  #parcels: Parcel[] = [];
  /** Place in the first parcel. */
  #at = 0;
  #queuedBytes = 0;
  #isScheduled = false;

  constructor(deps: TransactionInboxDeps) {
    this.#deps = deps;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Enqueues a `transactions` message. What does not fit is refused: the sender sends it again. */
  push(publisher: string, message: Uint8Array): void {
    const { onRefused } = this.#deps;
    let transactions: Uint8Array[];
    try {
      transactions = decodeTransactions(message);
    } catch (thrown) {
      onRefused(publisher, message, asFault(thrown, "CBOR_SHAPE"));
      return;
    }
    if (this.#queuedBytes + message.length > MAX_QUEUED_BYTES) {
      const fault = new Fault("MEMPOOL_FULL", "too many transactions wait for admission");
      for (const encoded of transactions) onRefused(publisher, encoded, fault);
      return;
    }
    this.#queuedBytes += message.length;
    this.#parcels.push({ publisher, transactions, bytes: message.length });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#parcels.length === 0) return;
    this.#isScheduled = true;
    this.#deps.defer(() => {
      this.#isScheduled = false;
      this.#runSlice();
      this.#schedule();
    });
  }

  #runSlice(): void {
    const { clock } = this.#deps;
    const until = clock() + SLICE_MS;
    let done = 0;
    for (const parcel of this.#parcels) {
      while (this.#at < parcel.transactions.length) {
        if (clock() >= until) {
          this.#parcels.splice(0, done);
          return;
        }
        this.#admit(parcel.publisher, parcel.transactions[this.#at++]!);
      }
      this.#at = 0;
      this.#queuedBytes -= parcel.bytes;
      done++;
    }
    this.#parcels = [];
  }

  /** Admits one that did not come over the bus; says why not, or undefined. */
  submit(received: Uint8Array): Fault | undefined {
    const { chain, pool, onSeen, onAdmitted } = this.#deps;
    let transaction: PreparedTransaction;
    try {
      // A copy: what waits must not hold the whole packet that it came in.
      transaction = new PreparedTransaction(chain, Buffer.from(received));
    } catch (thrown) {
      return asFault(thrown, "CBOR_SHAPE");
    }
    onSeen(transaction);
    const fault = pool.add(transaction);
    if (fault === undefined) onAdmitted();
    return fault;
  }

  #admit(publisher: string, received: Uint8Array): void {
    const fault = this.submit(received);
    if (fault !== undefined) this.#deps.onRefused(publisher, received, fault);
  }
}
