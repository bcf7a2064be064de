import { asFault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { MARKET_ADDRESS, REGISTRY_ADDRESS } from "@gridledger/protocol/market/addresses";
import type { Knex } from "knex";
import type { ContractIndex } from "../index/contracts/contract-index.ts";
import type { LogRow } from "../index/contracts/contract-queries.ts";
import { positionOf } from "../index/position.ts";
import type { Log } from "../log.ts";
import { readMarketEvent } from "./market-events.ts";
import { writeMarketEvent } from "./market-writer.ts";

const CURSOR = "market";
const PAGE = 500;

interface MarketFollowerDeps {
  readonly store: {
    readonly read: Knex;
    transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
  };
  readonly contracts: Pick<ContractIndex, "onLogs"> & {
    readonly queries: Pick<ContractIndex["queries"], "logs">;
  };
  readonly log: Log;
}

/** Turns the logs of the market into its tables, in the order of the chain, each exactly once. */
export class MarketFollower {
  readonly #deps: MarketFollowerDeps;
  #unlisten: () => unknown = () => undefined;
  #running: Promise<void> | undefined;
  #wanted = false;
  #isStopped = false;

  constructor(deps: MarketFollowerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#unlisten = this.#deps.contracts.onLogs(() => this.wake());
    this.wake();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unlisten();
    await this.#running;
  }

  wake(): void {
    this.#wanted = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    try {
      while (this.#wanted && !this.#isStopped) {
        this.#wanted = false;
        while (!this.#isStopped && (await this.#page()));
      }
    } catch (thrown) {
      // The next logs wake it again, and nothing is passed over.
      const { code, message } = asFault(thrown);
      this.#deps.log.error({ code, detail: message }, "the market's events cannot be written");
    }
  }

  /** True where there may be more. */
  async #page(): Promise<boolean> {
    const { store, contracts } = this.#deps;
    const row: { value: string } | undefined = await store
      .read("meta")
      .where({ name: CURSOR })
      .first();
    const [height = 0, index = 0] = (row?.value ?? "").split(".").map(Number);
    const rows = await contracts.queries.logs({}, { height, index }, PAGE);
    const last = rows.at(-1);
    if (last === undefined) return false;
    await store.transaction(async (db) => {
      for (const each of rows) await write(db, each);
      const value = `${last.height}.${last.index + 1}`;
      await db("meta").insert({ name: CURSOR, value }).onConflict("name").merge();
    });
    return rows.length === PAGE;
  }
}

async function write(db: Knex, row: LogRow): Promise<void> {
  const isOurs = [MARKET_ADDRESS, REGISTRY_ADDRESS].some((each) => equalBytes(each, row.address));
  const event = isOurs ? readMarketEvent(row) : undefined;
  if (event !== undefined) await writeMarketEvent(db, event, positionOf(row.height, row.index));
}
