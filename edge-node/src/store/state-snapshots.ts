import { Fault } from "@gridledger/protocol/faults";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import type { StateWrite } from "../state/state-view.ts";
import type { Row, Sqlite } from "./sqlite.ts";
import { asBuffer, checksum, decodeWrites, encodeWrites } from "./state-blobs.ts";

const PART_BYTES = 262_144;
/** Below this a snapshot costs more than the changes it replaces. */
const MIN_CHANGES_BYTES = 262_144;

/**
 * The state on disk: one whole snapshot, and the changes of every block after it. A new snapshot is
 * written when the changes have outgrown the last one, so the disk holds at most about twice the
 * state, and a start reads no more than that.
 */
export class StateSnapshots {
  readonly #sqlite: Sqlite;
  #snapshotBytes = 0;
  #changesBytes = 0;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  async createTables(): Promise<void> {
    await this.#sqlite.run(
      `CREATE TABLE IF NOT EXISTS snapshots (height INTEGER, part INTEGER, entries BLOB NOT NULL,
       crc INTEGER NOT NULL, PRIMARY KEY (height, part)) WITHOUT ROWID`,
    );
    await this.#sqlite.run(
      `CREATE TABLE IF NOT EXISTS changes (height INTEGER PRIMARY KEY, crc INTEGER NOT NULL,
       entries BLOB NOT NULL)`,
    );
  }

  /** The state after block `headHeight`, starting from the genesis state where there is no snapshot. */
  async load(genesisTree: StateTree, headHeight: number): Promise<StateTree> {
    const [newest] = await this.#sqlite.all("SELECT max(height) AS height FROM snapshots");
    const from = newest?.height === null ? 0 : Number(newest?.height);
    let tree = genesisTree;
    const parts = await this.#sqlite.all("SELECT part FROM snapshots WHERE height = ?", [from]);
    for (const { part } of parts) {
      const row = await this.#sqlite.get(
        "SELECT entries, crc FROM snapshots WHERE height = ? AND part = ?",
        [from, Number(part)],
      );
      const blob = checkedBlob(row, `part ${part} of the snapshot at ${from}`);
      this.#snapshotBytes += blob.length;
      tree = tree.with(decodeWrites(blob));
    }
    return this.#replay(tree, from, headHeight);
  }

  async #replay(snapshot: StateTree, from: number, headHeight: number): Promise<StateTree> {
    let tree = snapshot;
    for (let height = from + 1; height <= headHeight; height++) {
      const row = await this.#sqlite.get("SELECT entries, crc FROM changes WHERE height = ?", [
        height,
      ]);
      const blob = checkedBlob(row, `the changes of block ${height}`);
      this.#changesBytes += blob.length;
      tree = tree.with(decodeWrites(blob));
    }
    return tree;
  }

  /** Within the transaction that stores the block. */
  async append(height: number, writes: readonly StateWrite[]): Promise<void> {
    const blob = encodeWrites(writes);
    await this.#sqlite.run("INSERT INTO changes (height, crc, entries) VALUES (?, ?, ?)", [
      height,
      checksum(blob),
      asBuffer(blob),
    ]);
    this.#changesBytes += blob.length;
  }

  get isDue(): boolean {
    return this.#changesBytes > Math.max(this.#snapshotBytes, MIN_CHANGES_BYTES);
  }

  /** Writes the state after block `height` whole and drops what it replaces. */
  async take(height: number, tree: StateTree): Promise<void> {
    let bytes = 0;
    await this.#sqlite.transaction(async () => {
      let part = 0;
      for (const writes of inParts(tree)) {
        const blob = encodeWrites(writes);
        bytes += blob.length;
        await this.#sqlite.run(
          "INSERT INTO snapshots (height, part, entries, crc) VALUES (?, ?, ?, ?)",
          [height, part++, asBuffer(blob), checksum(blob)],
        );
      }
      await this.#sqlite.run("DELETE FROM snapshots WHERE height < ?", [height]);
      await this.#sqlite.run("DELETE FROM changes WHERE height <= ?", [height]);
    });
    this.#snapshotBytes = bytes;
    const rest = await this.#sqlite.get("SELECT sum(length(entries)) AS bytes FROM changes");
    this.#changesBytes = Number(rest?.bytes ?? 0);
  }
}

function* inParts(tree: StateTree): IterableIterator<StateWrite[]> {
  let part: StateWrite[] = [];
  let bytes = 0;
  for (const [key, value] of tree.entries()) {
    part.push({ key, value });
    bytes += key.length + value.length;
    if (bytes < PART_BYTES) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  yield part;
}

/** The blob of a row that must be there. @throws Fault STORE_CORRUPT (the store adds its file) */
export function checkedBlob(row: Row | undefined, what: string): Uint8Array {
  const blob = row?.entries ?? row?.block;
  if (!(blob instanceof Uint8Array)) throw new Fault("STORE_CORRUPT", `${what} is missing`);
  if (checksum(blob) !== row?.crc) throw new Fault("STORE_CORRUPT", `${what} is damaged`);
  return blob;
}
