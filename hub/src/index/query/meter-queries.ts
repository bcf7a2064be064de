import { formatHex } from "@gridledger/protocol/hex";
import type { Knex } from "knex";

export interface MeterRow {
  readonly meter: string;
  /** Identity id in hex. */
  readonly owner: string;
  readonly sequence: number;
  readonly readings: number;
  readonly firstTimeMs: number;
  readonly lastTimeMs: number;
  /** The longest time one batch covers. */
  readonly maxSpanMs: number;
  readonly registers: readonly { readonly obis: string; readonly unit: string }[];
}

interface RawRow {
  readonly name: string;
  readonly owner: Buffer;
  readonly sequence: number;
  readonly readings: number;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly max_span_ms: number;
}

interface RegisterRow {
  readonly meter: string;
  readonly obis: string;
  readonly unit: string;
}

interface QueryStore {
  readonly read: Knex;
}

export class MeterQueries {
  readonly #store: QueryStore;

  constructor(store: QueryStore) {
    this.#store = store;
  }

  async count(): Promise<number> {
    const [row] = await this.#store.read("meters").count<{ n: number }[]>("* as n");
    return Number(row?.n ?? 0);
  }

  async byName(name: string): Promise<MeterRow | undefined> {
    const rows: RawRow[] = await this.#store.read("meters").where({ name });
    const [meter] = await this.#withRegisters(rows);
    return meter;
  }

  /** By name, after `cursor`. */
  async page(limit: number, cursor = ""): Promise<MeterRow[]> {
    const rows: RawRow[] = await this.#store
      .read("meters")
      .where("name", ">", cursor)
      .orderBy("name")
      .limit(limit);
    return this.#withRegisters(rows);
  }

  async #withRegisters(rows: readonly RawRow[]): Promise<MeterRow[]> {
    const registers: RegisterRow[] = await this.#store
      .read("registers")
      .whereIn(
        "meter",
        rows.map((row) => row.name),
      )
      .orderBy("obis");
    return rows.map((row) => ({
      meter: row.name,
      owner: formatHex(row.owner),
      sequence: Number(row.sequence),
      readings: Number(row.readings),
      firstTimeMs: Number(row.first_ms),
      lastTimeMs: Number(row.last_ms),
      maxSpanMs: Number(row.max_span_ms),
      registers: registers
        .filter((register) => register.meter === row.name)
        .map(({ obis, unit }) => ({ obis, unit })),
    }));
  }
}
