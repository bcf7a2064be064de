import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { isEnergy, meanPower, type Quantity, quantity } from "./format/register.ts";

export type Reading = RouteAnswer<"readings">["items"][number];

/** One reading as shown: its value, the mean power since the one before, and what is missing between. */
export interface CurvePoint {
  readonly reading: Reading;
  readonly shown: Quantity | null;
  /** Null for the first, after a gap, and for registers that are no energy. */
  readonly power: Quantity | null;
  readonly gap: { readonly ms: number; readonly missing: number } | null;
}

/** A pause longer than this many usual intervals is a gap. */
const gapFactor = 1.5;

/** Readings of one register in order of time, with power and gaps worked out. */
export function curveOf(ascending: readonly Reading[]): CurvePoint[] {
  const usualMs = usualInterval(ascending);
  return ascending.map((reading, index) => {
    const before = ascending[index - 1];
    const gap = before === undefined ? null : gapBetween(before, reading, usualMs);
    const { value, scaler, unit } = reading;
    return {
      reading,
      shown: value === null ? null : quantity(value, scaler, unit),
      power: before === undefined || gap !== null ? null : powerBetween(before, reading),
      gap,
    };
  });
}

function gapBetween(before: Reading, after: Reading, usualMs: number): CurvePoint["gap"] {
  const ms = after.timeMs - before.timeMs;
  if (usualMs === 0 || ms < usualMs * gapFactor) return null;
  return { ms, missing: Math.max(1, Math.round(ms / usualMs) - 1) };
}

function powerBetween(before: Reading, after: Reading): Quantity | null {
  const ms = after.timeMs - before.timeMs;
  if (!isEnergy(after.unit) || before.value === null || after.value === null || ms <= 0)
    return null;
  if (before.scaler !== after.scaler) return null;
  return meanPower(after.value - before.value, after.scaler, after.unit, ms);
}

/** The median time between readings. */
function usualInterval(ascending: readonly Reading[]): number {
  const intervals = ascending
    .slice(1)
    .map((reading, index) => reading.timeMs - (ascending[index]?.timeMs ?? 0))
    .sort((a, b) => a - b);
  return intervals[Math.floor(intervals.length / 2)] ?? 0;
}
