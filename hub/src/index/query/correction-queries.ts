import type { Hash } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import type { CorrectedEntry } from "@gridledger/protocol/ledger/corrected-values";
import type { CorrectionReason } from "@gridledger/protocol/metering/correction-reason";
import type { StandingValue, ValueStatus } from "@gridledger/protocol/metering/value-status";
import type { Knex } from "knex";
import { placeOf } from "../position.ts";

/** Corrected values that one question looks through. */
const MAX_VALUES = 20_000;

export interface StoredCorrection {
  readonly meter: string;
  readonly number: number;
  readonly height: number;
  /** Hex, as identities and hashes below. */
  readonly transaction: string;
  readonly contentHash: string;
  readonly sequence: number;
  readonly sender: string;
  readonly agreedBy: string | null;
  readonly reason: CorrectionReason;
  readonly words: string;
  readonly values: readonly StoredValue[];
}

interface StoredValue {
  readonly timeMs: number;
  readonly obis: string;
  readonly unit: string;
  readonly scaler: number;
  readonly old: StandingValue;
  readonly fresh: StandingValue;
}

/** What stands of a value, and which record says so. */
export interface StandingRow extends Omit<CorrectedEntry, "isOwn"> {
  readonly transaction: string;
}

interface RecordRow {
  readonly meter: string;
  readonly number: number;
  readonly position: number;
  readonly hash: Buffer;
  readonly content_hash: Buffer;
  readonly sequence: number;
  readonly sender: Buffer;
  readonly agreed_by: Buffer | null;
  readonly reason: CorrectionReason;
  readonly words: string;
}

interface ValueRow {
  readonly meter: string;
  readonly time_ms: number;
  readonly obis: string;
  readonly number: number;
  readonly unit: string;
  readonly scaler: number;
  readonly old_status: ValueStatus;
  readonly old_value: number | null;
  readonly status: ValueStatus;
  readonly value: number | null;
}

interface CorrectionFilter {
  readonly meter: string;
  /** Only numbers below. */
  readonly below?: number | undefined;
  readonly limit: number;
}

interface QueryStore {
  readonly read: Knex;
}

/** Corrections of readings, guide §4.4.1 a). */
export class CorrectionQueries {
  readonly #store: QueryStore;

  constructor(store: QueryStore) {
    this.#store = store;
  }

  /** What the meter's next correction must follow. */
  async headOf(meter: string): Promise<Pick<StoredCorrection, "number" | "contentHash">> {
    const [last] = await this.page({ meter, limit: 1 });
    return last ?? { number: 0, contentHash: "0".repeat(64) };
  }

  /** Newest first, each with its values. */
  async page({ meter, below, limit }: CorrectionFilter): Promise<StoredCorrection[]> {
    const query = this.#store.read("corrections").where({ meter });
    if (below !== undefined) query.where("number", "<", below);
    const rows: RecordRow[] = await query.orderBy("number", "desc").limit(limit);
    return this.#withValues(rows);
  }

  /** The record of this content, however often it was signed. */
  async byContent(hash: Hash, content: Uint8Array, meter: string, number: number) {
    const rows: RecordRow[] = await this.#store.read("corrections").where({ meter, number });
    const [found] = await this.#withValues(rows);
    return found?.contentHash === formatHex(hash(content)) ? found : undefined;
  }

  /** What stands now of the values that were corrected, in a period with both ends inclusive, by time. */
  async standing(meter: string, fromMs: number, toMs: number): Promise<StandingRow[]> {
    const rows: (ValueRow & { hash: Buffer })[] = await this.#store
      .read("corrected_values as v")
      .join("corrections as c", (on) => on.on("c.meter", "v.meter").on("c.number", "v.number"))
      .where("v.meter", meter)
      .whereBetween("v.time_ms", [fromMs, toMs])
      .orderBy("v.time_ms")
      .orderBy("v.obis")
      .orderBy("v.number")
      .limit(MAX_VALUES)
      .select("v.*", "c.hash");
    const newest = new Map(rows.map((row) => [`${row.time_ms} ${row.obis}`, row]));
    return [...newest.values()].map((row) => ({
      ...{ obis: row.obis, timeMs: Number(row.time_ms), unit: row.unit, scaler: row.scaler },
      ...{ status: row.status, value: numberOf(row.value), number: Number(row.number) },
      transaction: formatHex(row.hash),
    }));
  }

  /** Those after a place of the chain, in its order. */
  async after(position: number, limit: number) {
    const rows: RecordRow[] = await this.#store
      .read("corrections")
      .where("position", ">", position)
      .orderBy("position")
      .limit(limit);
    const records = await this.#withValues(rows);
    return records.map((record, i) => ({ record, position: Number(rows[i]!.position) }));
  }

  async #withValues(rows: readonly RecordRow[]): Promise<StoredCorrection[]> {
    const found: StoredCorrection[] = [];
    for (const row of rows) {
      const { meter, number } = row;
      const values: ValueRow[] = await this.#store
        .read("corrected_values")
        .where({ meter, number })
        .orderBy("time_ms")
        .orderBy("obis");
      found.push({ ...recordOf(row), values: values.map(storedValue) });
    }
    return found;
  }
}

function recordOf(row: RecordRow): Omit<StoredCorrection, "values"> {
  return {
    ...{ meter: row.meter, number: Number(row.number), reason: row.reason, words: row.words },
    height: placeOf(Number(row.position)).height,
    transaction: formatHex(row.hash),
    contentHash: formatHex(row.content_hash),
    sequence: Number(row.sequence),
    sender: formatHex(row.sender),
    agreedBy: row.agreed_by === null ? null : formatHex(row.agreed_by),
  };
}

function storedValue(row: ValueRow): StoredValue {
  return {
    ...{ timeMs: Number(row.time_ms), obis: row.obis, unit: row.unit, scaler: row.scaler },
    old: { status: row.old_status, value: numberOf(row.old_value) },
    fresh: { status: row.status, value: numberOf(row.value) },
  };
}

function numberOf(value: number | null): number | null {
  return value === null ? null : Number(value);
}
