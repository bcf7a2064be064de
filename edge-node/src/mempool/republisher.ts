import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { inMessages } from "../sync/in-messages.ts";

const LOOK_EVERY_MS = 2_000;
const MAX_BYTES = 262_144;

interface RepublisherDeps {
  readonly pool: {
    readonly size: number;
    overdue(ageMs: number): Iterable<{ readonly encoded: Uint8Array }>;
  };
  readonly send: (message: Uint8Array) => void;
  readonly baseTimeoutMs: () => number;
}

/** Others may never have seen what waits here for long; then a censoring proposer is rotated out. */
export class Republisher {
  readonly #deps: RepublisherDeps;
  readonly #maxBlockTransactions: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: RepublisherDeps, maxBlockTransactions: number) {
    this.#deps = deps;
    this.#maxBlockTransactions = maxBlockTransactions;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { pool, send, baseTimeoutMs } = this.#deps;
    // More than a block holds: what waits, waits for its turn.
    if (pool.size > this.#maxBlockTransactions) return;
    let bytes = 0;
    const overdue: Uint8Array[] = [];
    for (const { encoded } of pool.overdue(2 * baseTimeoutMs())) {
      overdue.push(encoded);
      bytes += encoded.length;
      if (bytes > MAX_BYTES) break;
    }
    for (const part of inMessages(overdue)) send(encodeTransactions(part));
  }
}
