import type { Knex } from "knex";
import type { MappingStore } from "./mapping-store.ts";

/** Sweeps and when they began: since then a row that was sound is known to have been so. */
export class SweepTable {
  readonly #store: MappingStore;

  constructor(store: MappingStore) {
    this.#store = store;
  }

  async begin(db: Knex, mapping: string, number: number, startedMs: number): Promise<void> {
    await db("mapping_sweeps").insert({ mapping, number, started_ms: startedMs });
  }

  async finish(db: Knex, mapping: string, number: number, at: { ms: number; rows: number }) {
    await db("mapping_sweeps")
      .where({ mapping, number })
      .update({ finished_ms: at.ms, rows: at.rows });
  }

  /** Number of the newest; 0 before the first. */
  async newest(mapping: string): Promise<number> {
    const [row]: { number: number | null }[] = await this.#store
      .read("mapping_sweeps")
      .where({ mapping })
      .max("number as number");
    return Number(row?.number ?? 0);
  }

  async startedMs(mapping: string, number: number): Promise<number | undefined> {
    const row: { readonly started_ms: number } | undefined = await this.#store
      .read("mapping_sweeps")
      .select("started_ms")
      .where({ mapping, number })
      .first();
    return row && Number(row.started_ms);
  }
}
