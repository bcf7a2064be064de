import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { decodeValues, type RowLeaf, rowLeafHash } from "@gridledger/protocol/rows/row-leaf";
import { buildBatch } from "./batch-builder.ts";
import type { Progress } from "./definition.ts";
import type { MappingParts } from "./mapping-parts.ts";
import { bytesOf, PageSize } from "./pace.ts";
import type { ReadRow } from "./row-reader.ts";

/** Rows of one batch, so of one anchor. */
const BATCH_ROWS = 4_096;
/** Values that are in memory until their batch is full. */
const BATCH_BYTES = 33_554_432;

interface NewLeaf {
  readonly leaf: RowLeaf;
  readonly removed: boolean;
}

/** Takes lawful news of a table into batches: new rows, changed ones, and what was declared (guide §9.2). */
export class Mapper {
  readonly #parts: MappingParts;

  constructor(parts: MappingParts) {
    this.#parts = parts;
  }

  /** @returns rows taken @throws Fault DATABASE_*, MAPPING_KEY, ROW_* with everything before kept */
  async run(): Promise<number> {
    const { source, now, progress } = this.#parts;
    const ceiling = await source.last();
    const declared = await this.#takeDeclared();
    // Transactions that began earlier may still come in below the last row: it settles until the next run.
    const isFirst = progress().lastRunMs === null;
    const upTo = isFirst ? ceiling : progress().ceiling;
    const taken = upTo === null ? 0 : await this.#takeNews(upTo);
    const tableRows = progress().tableRows ?? (await source.count());
    await this.#parts.save({ ceiling, lastRunMs: now(), tableRows });
    return declared + taken;
  }

  async #takeNews(upTo: readonly string[]): Promise<number> {
    const { source, reader, pace, budget } = this.#parts;
    const size = new PageSize(budget.rowsPerSecond);
    let { after } = this.#parts.progress();
    let waiting: ReadRow[] = [];
    let waitingBytes = 0;
    let taken = 0;
    for (;;) {
      const limit = Math.min(size.rows, BATCH_ROWS - waiting.length);
      const { rows, isLast } = await source.news({ after, upTo, limit });
      size.note(rows);
      const last = rows.at(-1);
      if (last !== undefined) after = reader.placeOf(last);
      waiting.push(...rows);
      waitingBytes += bytesOf(rows);
      const isFull = waiting.length >= BATCH_ROWS || waitingBytes >= BATCH_BYTES;
      if (isFull || (isLast && waiting.length > 0)) {
        taken += await this.#takeRows(waiting, { after });
        waiting = [];
        waitingBytes = 0;
      }
      if (isLast) return taken;
      await pace(rows.length);
    }
  }

  /** Those that are new, or differ from their newest leaf. */
  async #takeRows(rows: readonly ReadRow[], then: Partial<Progress>): Promise<number> {
    const { id, definition, tables, reader, hash, leaves, progress } = this.#parts;
    const batch = progress().batch + 1;
    const keys = rows.map(({ key }) => key);
    const distinct = new Set(keys.map(formatHex));
    if (distinct.size < keys.length) throw new Fault("MAPPING_KEY", "a key stands there twice");
    const known = await tables.rows.find(id, keys);
    const fresh: NewLeaf[] = [];
    for (const row of rows) {
      const place = known.get(formatHex(row.key));
      if (place !== undefined && !place.removed) {
        // Declared before its turn came. Under one key nothing changes but what is declared: a sweep judges it.
        if (definition.follow.by === "key") continue;
        const stored = (await leaves.of(id, place.batch))[place.place]!;
        if (equalBytes(rowLeafHash(hash, reader.leafOf(place.batch, row)), stored)) continue;
      }
      fresh.push({ leaf: reader.leafOf(batch, row), removed: false });
    }
    await this.#keep(fresh, then, []);
    return fresh.length;
  }

  /** What was declared and has happened by now. */
  async #takeDeclared(): Promise<number> {
    const { id, definition, tables, source, reader, hash, leaves, now, progress } = this.#parts;
    const declared = await tables.changes.keys(id, now());
    if (declared.size === 0) return 0;
    const keys = [...declared].map((hex) => Buffer.from(hex, "hex"));
    const { key: keyColumns } = definition.mapped;
    const rows = await source.byKeys(keys.map((key) => decodeValues(keyColumns, key)));
    const known = await tables.rows.find(id, keys);
    const present = new Map(rows.map((row) => [formatHex(row.key), row]));
    const batch = progress().batch + 1;
    const fresh: NewLeaf[] = [];
    for (const key of keys) {
      const row = present.get(formatHex(key));
      const place = known.get(formatHex(key));
      if (row === undefined) {
        if (place === undefined || place.removed) continue;
        fresh.push({ leaf: reader.removalOf(batch, key), removed: true });
        continue;
      }
      const stored = place && (await leaves.of(id, place.batch))[place.place];
      const now = place && rowLeafHash(hash, reader.leafOf(place.batch, row));
      if (stored !== undefined && now !== undefined && equalBytes(now, stored)) continue;
      fresh.push({ leaf: reader.leafOf(batch, row), removed: false });
    }
    await this.#keep(
      fresh,
      {},
      fresh.map(({ leaf }) => leaf.key),
    );
    return fresh.length;
  }

  /** Batch, places and progress in one transaction: all of it, or nothing. */
  async #keep(fresh: readonly NewLeaf[], then: Partial<Progress>, declared: readonly Uint8Array[]) {
    const { id, definition, tables, store, salts, hash, reader, progress, findings } = this.#parts;
    if (fresh.length === 0) {
      await this.#parts.save(then);
      return;
    }
    const { batch: lastBatch, payloadHash: previousHash } = progress();
    const batch = lastBatch + 1;
    const deps = { hash, salts, mapped: definition.mapped, width: reader.width };
    const place = { mapping: id, batch, previousHash };
    const built = buildBatch(
      deps,
      place,
      fresh.map(({ leaf }) => leaf),
    );
    const rows = fresh.map(({ leaf, removed }, at) => ({ key: leaf.key, place: at, removed }));
    const next = { ...progress(), ...then, batch, payloadHash: built.payloadHash };
    await store.transaction(async (db) => {
      await tables.batches.add(db, built);
      await tables.rows.put(db, id, batch, rows, progress().sweep?.number ?? 0);
      await tables.changes.done(db, id, declared);
      await findings.settleDeclared(db, declared);
      await tables.mappings.saveProgress(db, id, next);
    });
    this.#parts.adopt(next);
    this.#parts.onBatch();
  }
}
