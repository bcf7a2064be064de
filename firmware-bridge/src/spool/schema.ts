import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { Database } from "./database.ts";

const SCHEMA_VERSION = 1;

const schema = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE meters (
    meter TEXT PRIMARY KEY, sequence INTEGER NOT NULL, payload_hash BLOB NOT NULL,
    last_at_ms INTEGER NOT NULL, last_body TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE readings (
    id INTEGER PRIMARY KEY, meter TEXT NOT NULL, at_ms INTEGER NOT NULL, body TEXT NOT NULL
  );
  CREATE TABLE batches (
    meter TEXT NOT NULL, sequence INTEGER NOT NULL, payload BLOB NOT NULL,
    PRIMARY KEY (meter, sequence)
  ) WITHOUT ROWID;
  CREATE TABLE transactions (
    hash BLOB PRIMARY KEY, meter TEXT NOT NULL, sequence INTEGER NOT NULL,
    valid_until_height INTEGER NOT NULL, encoded BLOB NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX transactions_of_batch ON transactions (meter, sequence);
`;

/** Exclusive: a second bridge on the same spool would sign the same sequence numbers twice. */
const pragmas = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 8388608;
  BEGIN IMMEDIATE; COMMIT;
`;

/** Whose spool it is: batches of another chain or device must not be sent in this one's name. */
export interface SpoolOwner {
  readonly chainId: Uint8Array;
  readonly deviceId: Uint8Array;
}

/**
 * Opens the spool, or makes it. A new one appears under its name only when it is complete, so a file
 * that is there but empty is damage and not a beginning: sequence numbers would start again at 1.
 *
 * @throws Fault SPOOL_CORRUPT, SPOOL_LOCKED, CHAIN_MISMATCH
 */
export async function openSpoolFile(file: string, owner: SpoolOwner): Promise<Database> {
  if (!existsSync(file)) await createSpoolFile(file, owner);
  const database = await Database.open(file, false);
  try {
    await database.exec(pragmas);
    await checkIntegrity(database, file);
    await checkOwner(database, file, owner);
    return database;
  } catch (thrown) {
    await database.close().catch(() => undefined);
    throw thrown;
  }
}

async function createSpoolFile(file: string, owner: SpoolOwner): Promise<void> {
  const unfinished = `${file}.new`;
  await rm(unfinished, { force: true });
  const database = await Database.open(unfinished, true);
  await database.exec(`PRAGMA synchronous = FULL; BEGIN; ${schema}`);
  const insert = "INSERT INTO meta (name, value) VALUES (?, ?)";
  await database.all(insert, ["version", String(SCHEMA_VERSION)]);
  await database.all(insert, ["chain", formatHex(owner.chainId)]);
  await database.all(insert, ["device", formatHex(owner.deviceId)]);
  await database.all(insert, ["height", "0"]);
  await database.exec("COMMIT");
  await database.close();
  await rename(unfinished, file);
  const folder = await open(dirname(file), "r");
  await folder.sync();
  await folder.close();
}

async function checkIntegrity(database: Database, file: string): Promise<void> {
  const [result] = await database.all<{ quick_check: string }>("PRAGMA quick_check(1)");
  if (result?.quick_check !== "ok") corrupt(file, result?.quick_check ?? "no answer");
  const tables = await database.all<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
  );
  const names = tables.map(({ name }) => name).join(" ");
  if (names !== "batches meta meters readings transactions") corrupt(file, `tables: ${names}`);
  // A batch waits only below its meter's last sequence, and without a hole.
  const [hole] = await database.all<{ meter: string }>(`
    SELECT b.meter FROM batches b LEFT JOIN meters m ON m.meter = b.meter GROUP BY b.meter
    HAVING m.sequence IS NULL OR MAX(b.sequence) <> m.sequence
      OR COUNT(*) <> MAX(b.sequence) - MIN(b.sequence) + 1 LIMIT 1`);
  if (hole !== undefined) corrupt(file, `the batches of meter ${hole.meter} have a hole`);
}

async function checkOwner(database: Database, file: string, owner: SpoolOwner): Promise<void> {
  const rows = await database.all<{ name: string; value: string }>("SELECT * FROM meta");
  const meta = new Map(rows.map(({ name, value }) => [name, value]));
  if (meta.get("version") !== String(SCHEMA_VERSION)) {
    corrupt(file, `version ${meta.get("version")} is not known`);
  }
  if (meta.get("chain") !== formatHex(owner.chainId)) {
    throw new Fault("CHAIN_MISMATCH", `${file} is the spool of another chain`, { data: { file } });
  }
  if (meta.get("device") !== formatHex(owner.deviceId)) {
    throw new Fault("CHAIN_MISMATCH", `${file} is another device's spool`, { data: { file } });
  }
}

function corrupt(file: string, detail: string): never {
  throw new Fault("SPOOL_CORRUPT", `${file}: ${detail}`, { data: { file } });
}
