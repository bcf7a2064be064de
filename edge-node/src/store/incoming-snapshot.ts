import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { encodeBlock } from "@gridledger/protocol/ledger/block";
import { type Handover, readHandover, writeHandover } from "@gridledger/protocol/ledger/handover";
import { decodeHeader, type Header } from "@gridledger/protocol/ledger/header";
import type { StatePart } from "@gridledger/protocol/merkle/state-parts";
import type { SnapshotOutline } from "@gridledger/protocol/messages/snapshot";
import type { StateWrite } from "../state/state-view.ts";
import type { BlockPruning } from "./block-pruning.ts";
import type { Sqlite } from "./sqlite.ts";
import { asBuffer, checksum, encodeWrites } from "./state-blobs.ts";

/**
 * A snapshot on its way into the store, part by part: each is on disk before the next is asked for, and
 * a restart or another peer goes on with those that still fit. It becomes the chain in one transaction.
 */
export class IncomingSnapshot {
  readonly #sqlite: Sqlite;
  readonly #pruning: BlockPruning;

  constructor(sqlite: Sqlite, pruning: BlockPruning) {
    this.#sqlite = sqlite;
    this.#pruning = pruning;
  }

  async createTables(): Promise<void> {
    await this.#sqlite.run(
      "CREATE TABLE IF NOT EXISTS handovers (height INTEGER PRIMARY KEY, handover BLOB NOT NULL)",
    );
    await this.#sqlite.run(
      `CREATE TABLE IF NOT EXISTS incoming (part INTEGER PRIMARY KEY, depth INTEGER NOT NULL,
       hash BLOB NOT NULL, crc INTEGER NOT NULL, entries BLOB NOT NULL)`,
    );
  }

  /** Within the transaction that stores the block which hands over. */
  async keepHandover(height: number, handover: Handover): Promise<void> {
    const blob = writeHandover(new CborWriter(1_024), handover).finish();
    await this.#sqlite.run("INSERT OR REPLACE INTO handovers (height, handover) VALUES (?, ?)", [
      height,
      asBuffer(blob),
    ]);
  }

  /** What proves the validator set of a height from the genesis on. @throws Fault CBOR_* */
  async handoversTo(height: number): Promise<Handover[]> {
    const rows = await this.#sqlite.all(
      "SELECT handover FROM handovers WHERE height < ? ORDER BY height",
      [height],
    );
    return rows.map(({ handover }) => readHandover(new CborReader(handover as Uint8Array)));
  }

  /** Drops what does not belong to this outline; the parts that are still to come. */
  async begin({ depth, parts }: SnapshotOutline): Promise<number[]> {
    await this.#sqlite.run("DELETE FROM incoming WHERE depth <> ? OR part >= ?", [
      depth,
      parts.length,
    ]);
    const missing: number[] = [];
    for (const [index, { hash }] of parts.entries()) {
      const row = await this.#sqlite.get("SELECT hash FROM incoming WHERE part = ?", [index]);
      const isHere = row?.hash instanceof Uint8Array && asBuffer(hash).equals(row.hash);
      if (!isHere) missing.push(index);
    }
    return missing;
  }

  /** A part that was verified; durable when it resolves. */
  async put(
    place: { readonly depth: number; readonly index: number },
    { hash }: StatePart,
    entries: readonly StateWrite[],
  ): Promise<void> {
    const blob = encodeWrites(entries);
    await this.#sqlite.run(
      "INSERT OR REPLACE INTO incoming (part, depth, hash, crc, entries) VALUES (?, ?, ?, ?, ?)",
      [place.index, place.depth, asBuffer(hash), checksum(blob), asBuffer(blob)],
    );
  }

  /** All parts are here: the snapshot is the chain from now on. */
  async activate(header: Header, hash: Uint8Array, outline: SnapshotOutline): Promise<void> {
    const { height, timeMs } = header;
    const { encodedHeader, seal, handovers, parts } = outline;
    // The head without its transactions: nobody is given it, because it is below the first height.
    const block = encodeBlock(encodedHeader, seal, []);
    await this.#sqlite.transaction(async () => {
      for (const table of ["blocks", "changes", "snapshots", "handovers"]) {
        await this.#sqlite.run(`DELETE FROM ${table}`);
      }
      await this.#sqlite.run(
        "INSERT INTO snapshots (height, part, entries, crc) SELECT ?, part, entries, crc FROM incoming WHERE part < ?",
        [height, parts.length],
      );
      await this.#sqlite.run(
        "INSERT INTO blocks (height, hash, time_ms, crc, block) VALUES (?, ?, ?, ?, ?)",
        [height, asBuffer(hash), timeMs, checksum(block), asBuffer(block)],
      );
      for (const handover of handovers) await this.#keep(handover);
      await this.#pruning.setFirst(height + 1);
      await this.#sqlite.run("DELETE FROM incoming");
    });
    await this.#pruning.load();
  }

  async #keep(handover: Handover): Promise<void> {
    await this.keepHandover(decodeHeader(handover.encodedHeader).height, handover);
  }
}
