import { asFault, Fault, type FaultCode } from "@gridledger/protocol/faults";
import sqlite3 from "sqlite3";

type Value = string | number | Uint8Array | null;

export interface SqlStatement {
  readonly sql: string;
  readonly values: readonly Value[];
}

const codes: Readonly<Record<string, FaultCode>> = {
  SQLITE_CORRUPT: "SPOOL_CORRUPT",
  SQLITE_NOTADB: "SPOOL_CORRUPT",
  SQLITE_BUSY: "SPOOL_LOCKED",
  SQLITE_LOCKED: "SPOOL_LOCKED",
  SQLITE_FULL: "SPOOL_FULL",
};

/** `sqlite3` with promises, prepared statements kept, and its errors as coded faults. */
export class Database {
  readonly #file: string;
  readonly #handle: sqlite3.Database;
  readonly #prepared = new Map<string, sqlite3.Statement>();

  private constructor(file: string, handle: sqlite3.Database) {
    this.#file = file;
    this.#handle = handle;
  }

  /** @throws Fault SPOOL_* naming the file */
  static async open(file: string, canCreate: boolean): Promise<Database> {
    const mode = sqlite3.OPEN_READWRITE | (canCreate ? sqlite3.OPEN_CREATE : 0);
    const handle = await new Promise<sqlite3.Database>((resolve, reject) => {
      const opened = new sqlite3.Database(file, mode, (error) => {
        if (error === null) resolve(opened);
        else reject(databaseFault(file, error));
      });
    });
    handle.serialize(); // statements run in the order in which they were given
    return new Database(file, handle);
  }

  exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#handle.exec(sql, (error) => (error === null ? resolve() : reject(this.#fault(error))));
    });
  }

  all<Row>(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#statement(sql).all<Row>([...values], (error, rows) => {
        if (error === null) resolve(rows);
        else reject(this.#fault(error));
      });
    });
  }

  /** All of the statements or none, on disk when the promise resolves. */
  async transaction(statements: readonly SqlStatement[]): Promise<void> {
    await this.exec("BEGIN IMMEDIATE");
    try {
      await this.#runAll(statements);
      await this.exec("COMMIT");
    } catch (thrown) {
      // After a full disk SQLite may have rolled back already; then this fails and means nothing.
      await this.exec("ROLLBACK").catch(() => undefined);
      throw asFault(thrown, "SPOOL_FAILED");
    }
  }

  async close(): Promise<void> {
    for (const statement of this.#prepared.values()) statement.finalize();
    this.#prepared.clear();
    await new Promise<void>((resolve, reject) => {
      this.#handle.close((error) => (error === null ? resolve() : reject(this.#fault(error))));
    });
  }

  #runAll(statements: readonly SqlStatement[]): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = statements.length;
      let failed: Error | null = null;
      if (left === 0) resolve();
      for (const { sql, values } of statements) {
        this.#statement(sql).run([...values], (error: Error | null) => {
          failed ??= error;
          if (--left > 0) return;
          if (failed === null) resolve();
          else reject(this.#fault(failed));
        });
      }
    });
  }

  #statement(sql: string): sqlite3.Statement {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      // Its errors come again when it runs.
      statement = this.#handle.prepare(sql, () => undefined);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  #fault(error: Error): Fault {
    return databaseFault(this.#file, error);
  }
}

function databaseFault(file: string, error: Error & { code?: string }): Fault {
  const code = codes[error.code ?? ""] ?? "SPOOL_FAILED";
  return new Fault(code, `${file}: ${error.message}`, { data: { file }, cause: error });
}
