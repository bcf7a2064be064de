import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import sqlite3 from "sqlite3";

/** What a bridge had taken responsibility for. */
export interface SpoolContent {
  /** The last batch of each meter. */
  readonly sequences: ReadonlyMap<string, number>;
  /** Readings whose finality the bridge does not know of, as "meter timeMs". */
  readonly waiting: readonly string[];
}

/** Reads the spool as a power cut left it, from a copy: the original stays for the bridge to recover. */
export async function readSpool(directory: string): Promise<SpoolContent> {
  const copy = mkdtempSync(join(tmpdir(), "gridledger-spool-"));
  try {
    const names = readdirSync(directory).filter((name) => /^spool\./.test(name));
    for (const name of names) cpSync(join(directory, name), join(copy, name));
    const file = names.find((name) => !/-(?:wal|shm|journal)$/.test(name));
    if (file === undefined || !existsSync(join(copy, file))) throw new Error("there is no spool");
    return await readCopy(join(copy, file));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function readCopy(file: string): Promise<SpoolContent> {
  const database = new sqlite3.Database(file);
  const all = <Row>(sql: string) =>
    new Promise<Row[]>((resolve, reject) => {
      database.all<Row>(sql, (error, rows) => (error === null ? resolve(rows) : reject(error)));
    });
  const meters = await all<{ meter: string; sequence: number }>("SELECT * FROM meters");
  const batches = await all<{ payload: Buffer }>("SELECT payload FROM batches");
  const readings = await all<{ meter: string; at_ms: number }>("SELECT meter, at_ms FROM readings");
  await new Promise((resolve) => database.close(resolve));
  return {
    sequences: new Map(meters.map(({ meter, sequence }) => [meter, sequence])),
    waiting: [
      ...batches.flatMap(({ payload }) => {
        const { meter, timesMs } = decodeReadingBatch(payload);
        return timesMs.map((timeMs) => `${meter} ${timeMs}`);
      }),
      ...readings.map(({ meter, at_ms }) => `${meter} ${at_ms}`),
    ],
  };
}
