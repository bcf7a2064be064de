import { decodeReceipt, type Receipt, receiptRoot } from "@gridledger/protocol/contracts/receipt";
import { asFault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Knex } from "knex";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import { blob } from "../../store/blob.ts";
import { insertRows } from "../../store/insert-rows.ts";
import { placeOf, positionOf } from "../position.ts";
import type { BlockQueries } from "../query/block-queries.ts";
import type { NodeClient } from "./node-client.ts";

const RETRY_MS = 2_000;
const CURSOR = "receipts";

interface ReceiptFollowerDeps {
  readonly chain: Chain;
  readonly store: {
    readonly read: Knex;
    transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
  };
  readonly blocks: Pick<BlockQueries, "byHeight">;
  readonly client: Pick<NodeClient, "ask">;
  readonly clock: Clock;
  readonly log: Log;
  /** Receipts and logs up to this block are in the store. */
  readonly onHeight: (height: number) => void;
}

/**
 * Brings the receipts of every block in which contracts ran, in the order of the blocks: what a
 * validator sends counts when it has the root that the sealed header names.
 */
export class ReceiptFollower {
  readonly #deps: ReceiptFollowerDeps;
  #isRunning = false;
  #isStopped = false;
  #wanted = false;
  #reading: Promise<unknown> = Promise.resolve();
  #cancel: () => void = () => {};

  constructor(deps: ReceiptFollowerDeps) {
    this.#deps = deps;
  }

  /** Waits for what is being read, so that nobody asks a store that is closed; not for validators. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#reading;
  }

  /** New blocks are indexed, or it is time to look again. */
  wake(): void {
    this.#wanted = true;
    if (!this.#isRunning && !this.#isStopped) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    this.#cancel();
    try {
      while (this.#wanted && !this.#isStopped) {
        this.#wanted = false;
        for (let height = await this.#next(); height !== undefined; height = await this.#next()) {
          if (this.#isStopped) return;
          await this.#bring(height);
        }
      }
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      this.#deps.log.warn({ code, detail: message }, "receipts of a block are not to be had yet");
      if (!this.#isStopped) this.#cancel = this.#deps.clock.after(RETRY_MS, () => this.wake());
    } finally {
      this.#isRunning = false;
    }
  }

  async #next(): Promise<number | undefined> {
    if (this.#isStopped) return undefined;
    const reading = this.#read();
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  /** The lowest block with contract transactions above the cursor. */
  async #read(): Promise<number | undefined> {
    const { read } = this.#deps.store;
    const cursor: { value: string } | undefined = await read("meta")
      .where({ name: CURSOR })
      .first();
    const row: { position: number } | undefined = await read("transactions")
      .whereRaw("kind in (10, 11, 12)")
      .where("position", ">=", positionOf(Number(cursor?.value ?? 0) + 1, 0))
      .orderBy("position")
      .first("position");
    return row && placeOf(Number(row.position)).height;
  }

  async #bring(height: number): Promise<void> {
    const { blocks, chain, client, store, onHeight } = this.#deps;
    const block = await blocks.byHeight(height);
    if (block === undefined) return;
    const encoded: Uint8Array[] = [];
    while (!equalBytes(receiptRoot(chain.suite.hash, encoded), block.header.receiptRoot)) {
      const from = encoded.length;
      const question = { about: "receipts", height, from } as const;
      encoded.push(...(await client.ask(question, ({ items }) => decodable(items))));
      if (encoded.length > block.header.txCount) encoded.length = 0; // a liar: from the start
    }
    await store.transaction((db) => write(db, height, encoded));
    onHeight(height);
  }
}

function decodable(items: readonly Uint8Array[]): readonly Uint8Array[] | undefined {
  if (items.length === 0) return undefined;
  for (const item of items) decodeReceipt(item);
  return items;
}

async function write(db: Knex, height: number, encoded: readonly Uint8Array[]): Promise<void> {
  const receipts = encoded.map(decodeReceipt);
  const at = ({ index }: Receipt) => positionOf(height, index);
  await insertRows(
    db,
    { table: "receipts", columns: ["position", "encoded"] },
    receipts.map((receipt, i) => [at(receipt), blob(encoded[i]!)]),
  );
  const created = receipts.filter((receipt) => receipt.contract !== null);
  await insertRows(
    db,
    {
      table: "contracts",
      columns: ["address", "position"],
      onConflict: "on conflict (address) do nothing",
    },
    created.map((receipt) => [blob(receipt.contract!), at(receipt)]),
  );
  const logs = receipts.flatMap(({ index, logs: some }) => some.map((log) => ({ index, log })));
  await insertRows(
    db,
    {
      table: "logs",
      columns: ["position", "tx_index", "address", "topic", "topics", "data"],
    },
    logs.map(({ index, log: { address, topics, data } }, i) => [
      positionOf(height, i),
      index,
      blob(address),
      blob(topics[0] ?? new Uint8Array(0)),
      Buffer.concat(topics),
      blob(data),
    ]),
  );
  await db("meta")
    .insert({ name: CURSOR, value: String(height) })
    .onConflict("name")
    .merge();
}
