import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import knex, { type Knex } from "knex";

/** Nobody but its owner reads it. */
const FILE_MODE = 0o600;

interface SqliteConnection {
  exec(sql: string, done: (error: Error | null) => void): void;
}

interface SqliteOptions {
  /** What every connection is told before anything else: "synchronous=full". */
  readonly pragmas: readonly string[];
  /** One unless it is said. */
  readonly connections?: number;
  /** Of `sqlite3.OPEN_…`. */
  readonly flags?: readonly string[];
  readonly log?: Knex.Logger;
}

/** A SQLite file, opened when it is first asked; who finds it locked waits five seconds. */
export function connectFile(
  filename: string,
  { pragmas, connections = 1, flags = [], log }: SqliteOptions,
): Knex {
  const sql = ["busy_timeout=5000", ...pragmas].map((pragma) => `pragma ${pragma};`).join(" ");
  return knex({
    client: "sqlite3",
    connection: { filename, flags: [...flags] },
    useNullAsDefault: true,
    ...(log && { log }),
    pool: {
      min: 0,
      max: connections,
      afterCreate(connection: SqliteConnection, done: (error: Error | null, it: unknown) => void) {
        connection.exec(sql, (error) => done(error, connection));
      },
    },
  });
}

/** Before SQLite opens it: the files beside it (-wal, -shm) get the mode of the database. */
export function makePrivate(file: string): void {
  closeSync(openSync(file, "a", FILE_MODE));
  for (const one of [file, `${file}-wal`, `${file}-shm`]) {
    if (existsSync(one)) chmodSync(one, FILE_MODE);
  }
}
