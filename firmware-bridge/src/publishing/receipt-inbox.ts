import { asFault } from "@gridledger/protocol/faults";
import { decodeReceipt, type Receipt } from "@gridledger/protocol/messages/receipt";
import type { Log } from "../log.ts";
import type { ChainHeight } from "./chain-height.ts";

const MAX_QUEUED = 1_024;

interface Place {
  readonly meter: string;
  readonly sequence: number;
}

interface ReceiptInboxDeps {
  readonly log: Log;
  readonly height: ChainHeight;
  /** Height at which all of the receipt is final. @throws Fault when it proves nothing */
  readonly verifyReceipt: (receipt: Receipt) => number;
  /** The batch that this transaction carries; undefined for another's. */
  readonly batchOf: (txHash: Uint8Array) => Promise<Place | undefined>;
  /** One that is no batch, or not ours. */
  readonly onOther: (txHash: Uint8Array) => void;
  readonly retire: (meter: string, sequence: number, height: number) => Promise<void>;
  /** Called when it is on disk that the meters' batches up to these sequences are final. */
  readonly onFinal: (finals: ReadonlyMap<string, number>) => void;
}

/** Takes receipts one after the other. One is believed only when its seal and path verify. */
export class ReceiptInbox {
  readonly #deps: ReceiptInboxDeps;
  readonly #counters = { receipts: 0, badReceipts: 0 };
  #tail: Promise<void> = Promise.resolve();
  #queued = 0;
  #stopped = false;

  constructor(deps: ReceiptInboxDeps) {
    this.#deps = deps;
  }

  get counters() {
    return { ...this.#counters };
  }

  push(bytes: Uint8Array): void {
    if (this.#queued >= MAX_QUEUED || this.#stopped) return; // we send again, it comes again
    this.#queued++;
    const kept = Uint8Array.from(bytes);
    this.#tail = this.#tail
      .then(() => this.#take(kept))
      .catch((thrown: unknown) => {
        const { code, message } = asFault(thrown);
        this.#counters.badReceipts++;
        this.#deps.log.warn({ code }, `receipt not taken: ${message}`);
      })
      .finally(() => {
        this.#queued--;
      });
  }

  /** Resolves when what was taken is on disk. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#tail;
  }

  async #take(bytes: Uint8Array): Promise<void> {
    const { verifyReceipt, height, batchOf, onOther, retire, onFinal } = this.#deps;
    const receipt = decodeReceipt(bytes);
    const finalHeight = verifyReceipt(receipt);
    height.prove(finalHeight);
    this.#counters.receipts++;
    const finals = new Map<string, number>();
    for (const { txHash } of receipt.entries) {
      const batch = await batchOf(txHash);
      if (batch === undefined) onOther(txHash);
      else finals.set(batch.meter, Math.max(batch.sequence, finals.get(batch.meter) ?? 0));
    }
    // A batch holds the hash of the one before, so one that is final makes all before it final.
    await Promise.all([...finals].map(([meter, at]) => retire(meter, at, finalHeight)));
    onFinal(finals);
  }
}
