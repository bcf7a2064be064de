import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import sqlite3 from "sqlite3";

type Value = string | number | null | Buffer;
export type Row = Readonly<Record<string, unknown>>;

/** The sqlite3 package with promises, and its errors as faults that name the file. */
export class Sqlite {
  readonly #file: string;
  #database: sqlite3.Database | undefined;
  /** Transactions go one after the other; the package itself would mix their statements. */
  #tail: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  async open(): Promise<void> {
    this.#database = await new Promise<sqlite3.Database>((resolve, reject) => {
      const database = new sqlite3.Database(this.#file, (error) => {
        if (error === null) resolve(database);
        else reject(this.#fault(error));
      });
    });
    // Statements run in the order in which they are given.
    this.#database.serialize();
  }

  run(sql: string, values: readonly Value[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opened.run(sql, values, (error: Error | null) => {
        if (error === null) resolve();
        else reject(this.#fault(error));
      });
    });
  }

  all(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#opened.all(sql, values, (error: Error | null, rows: Row[]) => {
        if (error === null) resolve(rows);
        else reject(this.#fault(error));
      });
    });
  }

  async get(sql: string, values: readonly Value[] = []): Promise<Row | undefined> {
    const [row] = await this.all(sql, values);
    return row;
  }

  /** All that `write` does, or nothing of it. */
  transaction(write: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(async () => {
      await this.run("BEGIN IMMEDIATE");
      try {
        await write();
        await this.run("COMMIT");
      } catch (thrown) {
        // After a full disk SQLite has rolled back already and says so.
        await this.run("ROLLBACK").catch(() => undefined);
        throw thrown;
      }
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#tail;
    const database = this.#database;
    this.#database = undefined;
    if (database === undefined) return;
    await new Promise<void>((resolve, reject) => {
      database.close((error) => (error === null ? resolve() : reject(this.#fault(error))));
    });
  }

  get #opened(): sqlite3.Database {
    if (this.#database === undefined) throw new Fault("INTERNAL", `${this.#file} is not open`);
    return this.#database;
  }

  #fault(error: Error): Fault {
    const sqliteCode = "code" in error ? String(error.code) : "";
    const code = faultCodes[sqliteCode] ?? "STORE_FAILED";
    return new Fault(code, `${this.#file}: ${error.message}`, {
      data: { file: this.#file },
      cause: error,
    });
  }
}

const faultCodes: Readonly<Record<string, FaultCode>> = {
  SQLITE_CORRUPT: "STORE_CORRUPT",
  SQLITE_NOTADB: "STORE_CORRUPT",
  SQLITE_FULL: "STORE_FULL",
  SQLITE_BUSY: "STORE_IN_USE",
};
