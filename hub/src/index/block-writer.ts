import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Knex } from "knex";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { ChainHead } from "./chain-head.ts";
import type { CheckedBlock } from "./follow/check-block.ts";
import { type ParsedBlock, parseBlock } from "./parse-block.ts";
import { loadHead } from "./query/load-head.ts";
import { writeBlocks } from "./write-blocks.ts";

/** When behind, this much goes into one durable transaction. */
const MAX_TRANSACTIONS_AT_ONCE = 8_192;
const MAX_QUEUED_BYTES = 67_108_864;
const RETRY_MS = 1_000;

interface WriterStore {
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}

interface WriterDeps {
  readonly chain: Chain;
  readonly store: WriterStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after the blocks are durable, in order. */
  readonly onIndexed: (blocks: readonly ParsedBlock[], head: ChainHead) => void;
  /** The queue has room again. */
  readonly onDrained: () => void;
}

/** Writes checked blocks in order, several in one transaction when they come faster than the disk. */
export class BlockWriter {
  readonly #deps: WriterDeps;
  #head: ChainHead;
  #queue: CheckedBlock[] = [];
  #queuedBytes = 0;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(deps: WriterDeps, head: ChainHead) {
    this.#deps = deps;
    this.#head = head;
  }

  /** The last durable block. */
  get head(): ChainHead {
    return this.#head;
  }

  get accepts(): boolean {
    return !this.#isStopped && this.#queuedBytes < MAX_QUEUED_BYTES;
  }

  push(block: CheckedBlock): void {
    this.#queue.push(block);
    this.#queuedBytes += bytesOf(block);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Waits for the write that is under way; what still waits is fetched again after the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // One turn of the event loop, so that blocks which arrive together are written together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0 && !this.#isStopped) {
      const some = this.#take();
      const parsed = some.map((block) => parseBlock(this.#deps.chain.suite, block));
      try {
        await this.#write(parsed);
      } catch (thrown) {
        this.#deps.log.error({ err: thrown }, "blocks could not be indexed; trying again");
        await new Promise<void>((resolve) => this.#deps.clock.after(RETRY_MS, resolve));
        continue;
      }
      const wasFull = !this.accepts;
      this.#queue.splice(0, some.length);
      for (const block of some) this.#queuedBytes -= bytesOf(block);
      this.#announce(parsed);
      if (wasFull && this.accepts) this.#deps.onDrained();
    }
  }

  #announce(blocks: readonly ParsedBlock[]): void {
    try {
      this.#deps.onIndexed(blocks, this.#head);
    } catch (thrown) {
      this.#deps.log.error({ err: thrown }, "a listener failed at an indexed block");
    }
  }

  /** The blocks of the next write; they stay in the queue until they are durable. */
  #take(): CheckedBlock[] {
    let transactions = 0;
    const end = this.#queue.findIndex((block) => {
      transactions += block.transactions.length;
      return transactions > MAX_TRANSACTIONS_AT_ONCE;
    });
    return this.#queue.slice(0, end === -1 ? this.#queue.length : Math.max(1, end));
  }

  async #write(blocks: readonly ParsedBlock[]): Promise<void> {
    const { chain, store } = this.#deps;
    this.#head = await store.transaction(async (db) => {
      // The database knows best what it holds: a write whose answer was lost, or one of another hub
      // over the same database, is not written twice.
      const head = await loadHead(db, chain);
      const fresh = blocks.filter(({ block }) => block.header.height > head.height);
      return fresh.length === 0 ? head : writeBlocks(db, chain.suite, head, fresh);
    });
  }
}

function bytesOf(block: CheckedBlock): number {
  return block.transactions.reduce((sum, transaction) => sum + transaction.length, 512);
}
