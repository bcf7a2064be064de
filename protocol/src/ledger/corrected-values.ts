import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { formatObis, parseObis, unitName, unitNumber } from "../metering/obis.ts";
import { readStanding, type StandingValue, writeStanding } from "../metering/value-status.ts";
import type { StateTable } from "./state.ts";

const DAY_MS = 86_400_000;
/** A device corrects its own readings so long: a fault is seen at once, or is the operator's affair. */
export const OWN_CORRECTION_MS = 8 * DAY_MS;
/** Everybody else: a year's bill and a month to object. The state keeps corrected values as long. */
export const CORRECTION_MS = 400 * DAY_MS;
/** Corrected values of one meter that the state keeps. */
export const MAX_VALUES_KEPT = 4_096;

/** Where a meter's corrections stand: what its next one must follow. */
export interface CorrectionHead {
  readonly number: number;
  /** Hash of the last correction's content. */
  readonly contentHash: Uint8Array;
  /** Days since 1970-01-01 UTC with corrected values, and how many of them, ascending. */
  readonly days: readonly { readonly day: number; readonly values: number }[];
}

/** What stands of one value after its newest correction. */
export interface CorrectedEntry extends StandingValue {
  readonly obis: string;
  readonly timeMs: number;
  readonly unit: string;
  readonly scaler: number;
  /** Of its newest correction. */
  readonly number: number;
  /** By the meter's own device. */
  readonly isOwn: boolean;
}

interface DayName {
  readonly meter: string;
  readonly day: number;
}

export function correctionDay(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

/** The newest day of which nothing can be corrected any more. */
export function lastClosedDay(nowMs: number): number {
  return correctionDay(nowMs - CORRECTION_MS) - 1;
}

/** `l/<meter>` → `[number, contentHash, [[day, values] …]]`. */
export const correctionHeads: StateTable<string, CorrectionHead> = {
  keyOf: (meter) => `l/${meter}`,
  encode({ number, contentHash, days }) {
    const writer = new CborWriter(64).array(3).uint(number).bytes(contentHash).array(days.length);
    for (const { day, values } of days) writer.array(2).uint(day).uint(values);
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("correction head", 3);
    const number = reader.uint("number");
    const contentHash = reader.fixedBytes("contentHash", 32);
    const days: { day: number; values: number }[] = [];
    for (let left = reader.array("days", MAX_VALUES_KEPT); left > 0; left--) {
      reader.tuple("day", 2);
      days.push({ day: reader.uint("day"), values: reader.uint("values") });
    }
    reader.end();
    return { number, contentHash, days };
  },
};

/** `f/<day>/<meter>` → `[[obis, timeMs, unit, scaler, standing, number, isOwn] …]`, by time and register. */
export const correctedDays: StateTable<DayName, readonly CorrectedEntry[]> = {
  keyOf: ({ meter, day }) => `f/${day}/${meter}`,
  encode(entries) {
    const writer = new CborWriter(16 + 40 * entries.length).array(entries.length);
    for (const { obis, timeMs, unit, scaler, number, isOwn, ...standing } of entries) {
      writer.array(7).bytes(parseObis(obis)).uint(timeMs).uint(unitNumber(unit)).int(scaler);
      writeStanding(writer, standing).uint(number).bool(isOwn);
    }
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    const entries: CorrectedEntry[] = [];
    for (let left = reader.array("entries", MAX_VALUES_KEPT); left > 0; left--) {
      reader.tuple("entry", 7);
      entries.push({
        obis: formatObis(reader.fixedBytes("obis", 6)),
        timeMs: reader.uint("time"),
        unit: unitName(reader.uint("unit", 255)),
        scaler: reader.int("scaler"),
        ...readStanding(reader, "standing"),
        number: reader.uint("number"),
        isOwn: reader.bool("isOwn"),
      });
    }
    reader.end();
    return entries;
  },
};
