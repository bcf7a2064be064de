import { formatHex } from "@gridledger/protocol/hex";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import { insertRows } from "../../store/insert-rows.ts";
import type { MappingStore } from "./mapping-store.ts";

const MAX_BOUND = 500;

/** Where a row of the mapped table stands: its newest leaf. */
export interface RowPlace {
  readonly id: number;
  readonly key: Uint8Array;
  readonly batch: number;
  readonly place: number;
  /** The last sweep that found it sound. */
  readonly sweep: number;
  readonly removed: boolean;
}

type NewPlace = Pick<RowPlace, "key" | "place" | "removed">;

function openRow(row: RowPlace): RowPlace {
  return { ...row, removed: Boolean(row.removed) };
}

export class RowTable {
  readonly #store: MappingStore;

  constructor(store: MappingStore) {
    this.#store = store;
  }

  /** By hex of the key. */
  async find(mapping: string, keys: readonly Uint8Array[]): Promise<Map<string, RowPlace>> {
    const found = new Map<string, RowPlace>();
    for (let at = 0; at < keys.length; at += MAX_BOUND) {
      const some = keys.slice(at, at + MAX_BOUND).map(blob);
      const rows: RowPlace[] = await this.#store
        .read("mapping_rows")
        .where({ mapping })
        .whereIn("key", some);
      for (const row of rows) found.set(formatHex(row.key), openRow(row));
    }
    return found;
  }

  /** The newest leaves of these rows are in this batch now. */
  async put(db: Knex, mapping: string, batch: number, rows: readonly NewPlace[], sweep: number) {
    const target = {
      table: "mapping_rows",
      columns: ["mapping", "key", "batch", "place", "sweep", "removed"],
      onConflict:
        "on conflict (mapping, key) do update set batch = excluded.batch, " +
        "place = excluded.place, sweep = excluded.sweep, removed = excluded.removed",
    };
    const values = rows.map(({ key, place, removed }) => {
      return [mapping, blob(key), batch, place, sweep, removed ? 1 : 0];
    });
    await insertRows(db, target, values);
  }

  async markSound(db: Knex, sweep: number, ids: readonly number[]): Promise<void> {
    for (let at = 0; at < ids.length; at += MAX_BOUND) {
      await db("mapping_rows")
        .whereIn("id", ids.slice(at, at + MAX_BOUND))
        .update({ sweep });
    }
  }

  /** Rows that a sweep should have met and has not found sound, in order of their ids. */
  async unseen(
    mapping: string,
    { number, lastBatch }: { readonly number: number; readonly lastBatch: number },
    afterId: number,
    limit: number,
  ): Promise<RowPlace[]> {
    const rows: RowPlace[] = await this.#store
      .read("mapping_rows")
      .where({ mapping, removed: false })
      .where("sweep", "<", number)
      .where("batch", "<=", lastBatch)
      .where("id", ">", afterId)
      .orderBy("id")
      .limit(limit);
    return rows.map(openRow);
  }

  /** Some rows, each as likely as the others where ids have no gaps. */
  async random(mapping: string, count: number): Promise<RowPlace[]> {
    const [range]: { low: number | null; high: number | null }[] = await this.#store
      .read("mapping_rows")
      .where({ mapping })
      .min("id as low")
      .max("id as high");
    if (range?.low == null || range.high == null) return [];
    const found = new Map<number, RowPlace>();
    for (let left = count; left > 0; left--) {
      const from = range.low + Math.floor(Math.random() * (range.high - range.low + 1));
      const row: RowPlace | undefined = await this.#store
        .read("mapping_rows")
        .where({ mapping, removed: false })
        .where("id", ">=", from)
        .orderBy("id")
        .first();
      if (row !== undefined) found.set(row.id, openRow(row));
    }
    return [...found.values()];
  }
}
