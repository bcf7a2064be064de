import type { Sqlite } from "./sqlite.ts";

/** Rows that one transaction deletes: a block that consensus has decided waits no longer than that. */
const STEP_BLOCKS = 64;
/** Pages that one transaction moves, 4 KiB each. */
const STEP_PAGES = 256;

/** Room in the database file. */
export interface FileUse {
  readonly usedBytes: number;
  /** In the file, and of no use until it is compacted. */
  readonly freeBytes: number;
}

/**
 * Deletes old blocks and gives their room back to the disk, in steps that are each a transaction of
 * SQLite: after a crash at any point the file is as before or after the step. Deleting alone would
 * only make holes; `PRAGMA incremental_vacuum` moves the last pages into them and cuts the file.
 */
export class BlockPruning {
  readonly #sqlite: Sqlite;
  #firstHeight = 1;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** The lowest height whose block is here, or would be. */
  get firstHeight(): number {
    return this.#firstHeight;
  }

  /** Before there is any table: an older file is rewritten once. */
  async enable(): Promise<void> {
    const mode = await this.#sqlite.get("PRAGMA auto_vacuum");
    if (mode?.auto_vacuum === 2) return;
    await this.#sqlite.run("PRAGMA auto_vacuum = INCREMENTAL");
    const pages = await this.#sqlite.get("PRAGMA page_count");
    if (Number(pages?.page_count) > 0) await this.#sqlite.run("VACUUM");
  }

  async createTables(): Promise<void> {
    await this.#sqlite.run(
      "CREATE TABLE IF NOT EXISTS pruning (only INTEGER PRIMARY KEY CHECK (only = 1), first_height INTEGER NOT NULL)",
    );
  }

  async load(): Promise<void> {
    const row = await this.#sqlite.get("SELECT first_height FROM pruning");
    this.#firstHeight = Number(row?.first_height ?? 1);
  }

  /** Within a transaction: everything below is not here. */
  async setFirst(height: number): Promise<void> {
    await this.#sqlite.run("INSERT OR REPLACE INTO pruning (only, first_height) VALUES (1, ?)", [
      height,
    ]);
  }

  /** Deletes some of the blocks below a height; true while there are more. */
  async step(belowHeight: number): Promise<boolean> {
    const first = Math.min(belowHeight, this.#firstHeight + STEP_BLOCKS);
    if (first <= this.#firstHeight) return false;
    await this.#sqlite.transaction(async () => {
      await this.setFirst(first);
      await this.#sqlite.run("DELETE FROM blocks WHERE height < ?", [first]);
      await this.#sqlite.run("DELETE FROM contract_names WHERE height < ?", [first]);
    });
    this.#firstHeight = first;
    return first < belowHeight;
  }

  async use(): Promise<FileUse> {
    const [size, pages, free] = await Promise.all(
      ["page_size", "page_count", "freelist_count"].map(async (name) => {
        const row = await this.#sqlite.get(`PRAGMA ${name}`);
        return Number(row?.[name] ?? 0);
      }),
    );
    const freeBytes = size! * free!;
    return { usedBytes: size! * pages! - freeBytes, freeBytes };
  }

  /** Gives some room back; true while there is more. */
  async compactStep(): Promise<boolean> {
    // `all`, because each step of the statement frees one page and `run` makes only one.
    await this.#sqlite.transaction(async () => {
      await this.#sqlite.all(`PRAGMA incremental_vacuum(${STEP_PAGES})`);
    });
    const { freeBytes } = await this.use();
    if (freeBytes > 0) return true;
    // The file itself is cut when the log is written back into it.
    await this.#sqlite.all("PRAGMA wal_checkpoint(TRUNCATE)");
    return false;
  }
}
