import type { ContractName } from "../state/executor.ts";
import type { Row, Sqlite } from "./sqlite.ts";
import { asBuffer, checksum, decodeBlobs, encodeBlobs } from "./state-blobs.ts";
import { checkedBlob } from "./state-snapshots.ts";

/** The receipts of one block, encoded. */
export interface BlockReceipts {
  readonly height: number;
  readonly receipts: readonly Uint8Array[];
}

/** What contracts did, by block: their receipts, and the names by which transactions are asked for. */
export class ContractRecords {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  async createTables(): Promise<void> {
    await this.#sqlite.run(
      `CREATE TABLE IF NOT EXISTS receipts (height INTEGER PRIMARY KEY, crc INTEGER NOT NULL,
       entries BLOB NOT NULL)`,
    );
    await this.#sqlite.run(
      `CREATE TABLE IF NOT EXISTS contract_names (height INTEGER NOT NULL, place INTEGER NOT NULL,
       name BLOB NOT NULL, PRIMARY KEY (height, place)) WITHOUT ROWID`,
    );
    await this.#sqlite.run(
      "CREATE INDEX IF NOT EXISTS contract_names_by_name ON contract_names (name)",
    );
  }

  /** Within the transaction that stores the block. */
  async insert({ height, receipts }: BlockReceipts, names: readonly ContractName[]): Promise<void> {
    if (receipts.length === 0) return;
    const blob = encodeBlobs(receipts);
    const row = [height, checksum(blob), asBuffer(blob)];
    await this.#sqlite.run("INSERT INTO receipts (height, crc, entries) VALUES (?, ?, ?)", row);
    for (const { index, name } of names) {
      await this.#sqlite.run("INSERT INTO contract_names (height, place, name) VALUES (?, ?, ?)", [
        ...[height, index],
        asBuffer(name),
      ]);
    }
  }

  /** Undefined where no contract ran in the block. */
  async receiptsAt(height: number): Promise<readonly Uint8Array[] | undefined> {
    const [found] = await this.between(height, height, 1);
    return found?.receipts;
  }

  /** The blocks of a range in which contracts ran, lowest first, at most so many. */
  async between(from: number, to: number, maxBlocks: number): Promise<readonly BlockReceipts[]> {
    const rows = await this.#sqlite.all(
      `SELECT height, entries, crc FROM receipts WHERE height BETWEEN ? AND ?
       ORDER BY height LIMIT ?`,
      [from, to, maxBlocks],
    );
    return rows.map((row) => ({ height: Number(row.height), receipts: receiptsOf(row) }));
  }

  /** Names by their place in the block. */
  async namesAt(height: number): Promise<ReadonlyMap<number, Uint8Array>> {
    const rows = await this.#sqlite.all(
      "SELECT place, name FROM contract_names WHERE height = ? ORDER BY place",
      [height],
    );
    return new Map(rows.map(({ place, name }) => [Number(place), name as Uint8Array]));
  }

  /** Where the transaction of a name stands. */
  async find(
    name: Uint8Array,
  ): Promise<{ readonly height: number; readonly index: number } | undefined> {
    const row = await this.#sqlite.get(
      "SELECT height, place FROM contract_names WHERE name = ? LIMIT 1",
      [asBuffer(name)],
    );
    return row && { height: Number(row.height), index: Number(row.place) };
  }

  /** The height of a block that is here. */
  async heightOf(blockHash: Uint8Array): Promise<number | undefined> {
    const row = await this.#sqlite.get("SELECT height FROM blocks WHERE hash = ? LIMIT 1", [
      asBuffer(blockHash),
    ]);
    return row && Number(row.height);
  }
}

function receiptsOf(row: Row): readonly Uint8Array[] {
  return decodeBlobs(checkedBlob(row, `the receipts of block ${row.height}`));
}
