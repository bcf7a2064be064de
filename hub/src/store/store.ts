import { statSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import type { Knex } from "knex";
import { migrationSource } from "./migrations.ts";
import { connectFile, makePrivate } from "./sqlite-file.ts";
import { storeFault } from "./store-fault.ts";

const READERS = 2;
/** Above this a full check of the file at start takes longer than a start should. */
const MAX_CHECKED_BYTES = 268_435_456;

interface StoreOptions {
  /** Path of the SQLite file. */
  readonly file: string;
}

/**
 * The hub's database: one connection that writes and a few that read, so that a long query never
 * waits for a block or the other way round (SQLite's WAL).
 */
export class Store {
  readonly #options: StoreOptions;
  #write: Knex | undefined;
  #read: Knex | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Opens the file and brings its tables up to date. @throws Fault STORE_CORRUPT, CONFIG_INVALID */
  async start(): Promise<void> {
    const { file } = this.#options;
    // FULL: what was acknowledged as durable survives a power cut.
    this.#write = connectFile(file, { pragmas: ["journal_mode=wal", "synchronous=full"] });
    try {
      // Password hashes and sessions stand in it.
      makePrivate(file);
      await check(this.#write, file);
      await this.#write.migrate.latest({ migrationSource });
    } catch (thrown) {
      await this.stop();
      throw storeFault(thrown, file);
    }
    const pragmas = ["query_only=1", "mmap_size=268435456"];
    this.#read = connectFile(file, { pragmas, connections: READERS });
  }

  async stop(): Promise<void> {
    const [read, write] = [this.#read, this.#write];
    this.#read = undefined;
    this.#write = undefined;
    await read?.destroy();
    await write?.destroy();
  }

  /** For queries. */
  get read(): Knex {
    return this.#read ?? notStarted();
  }

  /** Runs `work` in one durable transaction. @throws Fault STORE_CORRUPT, STORE_FULL */
  async transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer> {
    try {
      return await (this.#write ?? notStarted()).transaction((db) => work(db));
    } catch (thrown) {
      throw storeFault(thrown, this.#options.file);
    }
  }
}

function notStarted(): never {
  throw new Fault("NOT_READY");
}

async function check(db: Knex, file: string): Promise<void> {
  await db.raw("select count(*) from sqlite_master");
  if (statSync(file).size > MAX_CHECKED_BYTES) return;
  const [found] = await db.raw<{ quick_check: string }[]>("pragma quick_check(1)");
  if (found !== undefined && found.quick_check !== "ok") {
    throw new Fault("STORE_CORRUPT", `${file} is damaged: ${found.quick_check}`);
  }
}
