import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { decodeReadingBatch, type ReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import type { Knex } from "knex";
import { placeOf } from "../position.ts";

/** Batches read at once; each holds up to 1,024 readings. */
const CHUNK = 32;
/** Offset behind the last value of a batch. */
const USED_UP = Number.MAX_SAFE_INTEGER;

/** One value of one register at one time. */
export interface StoredReading {
  readonly timeMs: number;
  readonly obis: string;
  readonly unit: string;
  readonly value: number | null;
  readonly scaler: number;
  readonly sequence: number;
  readonly height: number;
  /** Hex. */
  readonly txHash: string;
}

export interface ReadingsRange {
  readonly meter: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly obis: string | undefined;
  readonly order: "asc" | "desc";
  readonly limit: number;
  /** `lastMs.position.offset` of the next value. */
  readonly cursor: ReadingsCursor | undefined;
}

export interface ReadingsCursor {
  readonly lastMs: number;
  readonly position: number;
  /** Values of that batch already given. */
  readonly offset: number;
}

interface BatchRow {
  readonly position: number;
  readonly hash: Buffer;
  readonly last_ms: number;
  readonly encoded: Buffer;
}

interface QueryStore {
  readonly read: Knex;
}

/**
 * Readings, decoded out of the signed batches that hold them: what is answered is what was signed,
 * and the index grows by one row a batch whatever the batch holds.
 *
 * Order: by time, then by register as in the batch. The chain refuses a batch that starts before the
 * meter's last one ended, so the order of the batches' ends is the order of time.
 */
export class ReadingQueries {
  readonly #store: QueryStore;
  readonly #chain: Chain;

  constructor(store: QueryStore, chain: Chain) {
    this.#store = store;
    this.#chain = chain;
  }

  /** @param maxSpanMs the longest time one batch of the meter covers */
  async page(
    range: ReadingsRange,
    maxSpanMs: number,
  ): Promise<{ items: StoredReading[]; next: ReadingsCursor | null }> {
    const items: StoredReading[] = [];
    let cursor = range.cursor;
    for (;;) {
      const rows = await this.#batches(range, maxSpanMs, cursor);
      for (const row of rows) {
        const position = Number(row.position);
        const done = cursor?.position === position ? cursor.offset : 0;
        const values = this.#values(row, range).slice(done);
        const room = range.limit - items.length;
        items.push(...values.slice(0, room));
        const lastMs = Number(row.last_ms);
        if (values.length > room) return { items, next: { lastMs, position, offset: done + room } };
        cursor = { lastMs, position, offset: USED_UP };
      }
      if (rows.length < CHUNK) return { items, next: null };
    }
  }

  /** The batch that holds a reading of the meter at exactly this time. */
  async holding(meter: string, timeMs: number, maxSpanMs: number): Promise<Uint8Array | undefined> {
    const range = { meter, fromMs: timeMs, toMs: timeMs, obis: undefined } as const;
    const all = { ...range, order: "asc", limit: 1, cursor: undefined } as const;
    let cursor: ReadingsCursor | undefined;
    for (;;) {
      const rows = await this.#batches(all, maxSpanMs, cursor);
      const found = rows.find((row) => this.#values(row, all).length > 0);
      if (found !== undefined) return found.hash;
      const last = rows.at(-1);
      if (last === undefined || rows.length < CHUNK) return undefined;
      cursor = { lastMs: Number(last.last_ms), position: Number(last.position), offset: USED_UP };
    }
  }

  async #batches(
    { meter, fromMs, toMs, order }: ReadingsRange,
    maxSpanMs: number,
    cursor: ReadingsCursor | undefined,
  ): Promise<BatchRow[]> {
    const query = this.#store
      .read("transactions")
      .select("position", "hash", "last_ms", "encoded")
      .where({ meter })
      .whereBetween("last_ms", [fromMs, Math.min(Number.MAX_SAFE_INTEGER, toMs + maxSpanMs)])
      .where("first_ms", "<=", toMs)
      .orderBy("last_ms", order)
      .orderBy("position", order)
      .limit(CHUNK);
    if (cursor !== undefined) {
      const than = order === "asc" ? ">" : "<";
      // The cursor's own batch again while it is not used up.
      const orSame = cursor.offset === USED_UP ? than : `${than}=`;
      query.whereRaw(`(last_ms, position) ${orSame} (?, ?)`, [cursor.lastMs, cursor.position]);
    }
    const rows: BatchRow[] = await query;
    return rows;
  }

  #values(row: BatchRow, range: ReadingsRange): StoredReading[] {
    const { suite } = this.#chain;
    const batch = decodeReadingBatch(decodeTransaction(suite, row.encoded).payload);
    const place = { height: placeOf(Number(row.position)).height, txHash: formatHex(row.hash) };
    const values = valuesOf(batch, range).map((value) => ({ ...value, ...place }));
    return range.order === "asc" ? values : values.reverse();
  }
}

function valuesOf(batch: ReadingBatch, { fromMs, toMs, obis }: ReadingsRange) {
  const registers = batch.registers.filter((register) => (obis ?? register.obis) === register.obis);
  return batch.timesMs.flatMap((timeMs, i) => {
    if (timeMs < fromMs || timeMs > toMs) return [];
    return registers.map(({ obis: code, unit, scaler, values }) => ({
      timeMs,
      obis: code,
      unit,
      value: values[i] ?? null,
      scaler,
      sequence: batch.sequence,
    }));
  });
}
