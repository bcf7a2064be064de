import { chmodSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import sqlite3 from "sqlite3";
import { fileFault } from "../errors.ts";
import type { Home } from "./home.ts";
import { readRunning } from "./running.ts";

/**
 * The right to run the network of a home. SQLite's exclusive file lock carries it: the kernel drops
 * it with the process, however that ends, so there is no stale lock to clean up.
 */
export class HomeLock {
  readonly #database: sqlite3.Database;

  private constructor(database: sqlite3.Database) {
    this.#database = database;
  }

  /** @throws Fault HOME_IN_USE */
  static async take(home: Home): Promise<HomeLock> {
    const database = await open(home.lock);
    try {
      await run(database, "BEGIN EXCLUSIVE");
    } catch (thrown) {
      database.close();
      if (!isBusy(thrown)) throw fileFault(home.lock, thrown);
      const running = readRunning(home);
      const holder =
        running === undefined ? "" : ` by process ${running.pid}, dashboard ${running.url}`;
      throw new Fault("HOME_IN_USE", `${home.root} is in use${holder}`);
    }
    chmodSync(home.lock, 0o600);
    return new HomeLock(database);
  }

  async release(): Promise<void> {
    await new Promise<void>((resolve) => this.#database.close(() => resolve()));
  }
}

function open(path: string): Promise<sqlite3.Database> {
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(path, (error) => {
      if (error !== null) return reject(fileFault(path, error));
      database.configure("busyTimeout", 0);
      resolve(database);
    });
  });
}

function run(database: sqlite3.Database, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    database.exec(sql, (error) => (error === null ? resolve() : reject(error)));
  });
}

function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "SQLITE_BUSY";
}
