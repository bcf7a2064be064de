import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { StateTable } from "../ledger/state.ts";
import type { RegisterColumn } from "../metering/reading-batch.ts";

/** Days of a watched meter that the state keeps, the newest among them. */
export const DAYS_KEPT = 8;
const INTERVALS_A_DAY = 96;

/** A cumulative register at a time. */
export interface RegisterPoint {
  readonly timeMs: number;
  /** Whole Wh, what is below one cut off. */
  readonly wh: number;
}

/** The first and the last point of each interval of a day that has any, ascending. */
export type EnergyDay = readonly RegisterPoint[];

interface EnergyDayName {
  readonly meter: string;
  readonly obis: string;
  /** Days since 1970-01-01 UTC. */
  readonly day: number;
}

type EnergyDays = StateTable<EnergyDayName, { readonly day: number; readonly points: EnergyDay }>;

/**
 * How a channel divides time for meters: a day has 96 intervals. Where an interval is a quarter of an
 * hour, as it is unless the genesis says otherwise, that is a day of the calendar.
 */
export class MeterCalendar {
  readonly intervalMs: number;
  readonly dayMs: number;
  /** `e/<day>/<obis>/<meter>` → `[day, [[timeMs, wh] …]]`, times within the day. */
  readonly days: EnergyDays;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
    this.dayMs = INTERVALS_A_DAY * intervalMs;
    this.days = energyDays(this.dayMs);
  }

  dayOf(timeMs: number): number {
    return Math.floor(timeMs / this.dayMs);
  }

  intervalOf(timeMs: number): number {
    return Math.floor(timeMs / this.intervalMs);
  }
}

const energyDays = (dayMs: number): EnergyDays => ({
  keyOf: ({ meter, obis, day }) => `e/${day}/${obis}/${meter}`,
  encode({ day, points }) {
    const writer = new CborWriter(16 + points.length * 12).array(2).uint(day);
    writer.array(points.length);
    for (const { timeMs, wh } of points)
      writer
        .array(2)
        .uint(timeMs - day * dayMs)
        .int(wh);
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("energy day", 2);
    const day = reader.uint("day");
    const points: RegisterPoint[] = [];
    for (let left = reader.array("points", 2 * INTERVALS_A_DAY); left > 0; left--) {
      reader.tuple("point", 2);
      points.push({ timeMs: reader.uint("time") + day * dayMs, wh: reader.int("wh") });
    }
    reader.end();
    return { day, points };
  },
});

/** Active energy, taken or given, total or by tariff: what is traded (IEC 62056-6-1, C.8.E). */
export function isEnergyRegister({ obis, unit }: Pick<RegisterColumn, "obis" | "unit">): boolean {
  return unit === "Wh" && /^\d+-\d+:[12]\.8\.\d+$/.test(obis);
}

/** The points of a column; values that are missing or too large to count are none. */
export function pointsOf(timesMs: readonly number[], column: RegisterColumn): RegisterPoint[] {
  const points: RegisterPoint[] = [];
  for (const [at, value] of column.values.entries()) {
    if (value === null) continue;
    const wh = wholeWh(value, column.scaler);
    if (Number.isSafeInteger(wh)) points.push({ timeMs: timesMs[at]!, wh });
  }
  return points;
}

/** Exact: 10^scaler is multiplied or divided as integers. */
export function wholeWh(value: number, scaler: number): number {
  const power = 10n ** BigInt(Math.abs(scaler));
  if (scaler >= 0) return Number(BigInt(value) * power);
  const quotient = BigInt(value) / power;
  const isBelow = value < 0 && quotient * power !== BigInt(value);
  return Number(isBelow ? quotient - 1n : quotient);
}

/** The day with later points: of each interval the first and the last stay. */
export function withPoints(
  calendar: MeterCalendar,
  known: EnergyDay,
  later: readonly RegisterPoint[],
): EnergyDay {
  const kept = [...known];
  for (const point of later) {
    const interval = calendar.intervalOf(point.timeMs);
    const last = kept.at(-1);
    const before = kept.at(-2);
    const isThird =
      last !== undefined &&
      before !== undefined &&
      calendar.intervalOf(last.timeMs) === interval &&
      calendar.intervalOf(before.timeMs) === interval;
    if (isThird) kept.pop();
    kept.push(point);
  }
  return kept;
}
