import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { isEnergy, meanPower, type Quantity, quantity } from "./format/register.ts";

export type Reading = RouteAnswer<"readings">["items"][number];

/** One reading as shown: its value, the mean power up to it, and what is missing before it. */
export interface CurvePoint {
  readonly reading: Reading;
  readonly shown: Quantity | null;
  /** Over the curve's span. Null while less than a span is known, and for registers that are no energy. */
  readonly power: Quantity | null;
  readonly gap: { readonly ms: number; readonly missing: number } | null;
}

export interface Curve {
  readonly points: readonly CurvePoint[];
  /** The usual time between two readings. */
  readonly intervalMs: number;
  /** What every power is averaged over: one interval, or more where one is too coarse. */
  readonly spanMs: number;
}

/** A pause longer than this many usual intervals is a gap. */
const gapFactor = 1.5;

/** Energy comes in steps of 10^scaler; power from fewer of them would show the steps, not the load. */
const fineSteps = 20;
const spansMs = [5, 10, 20, 30, 60, 120, 180, 300, 600, 900].map((seconds) => seconds * 1000);
const longestSpanMs = 900_000;

/** Readings of one register in order of time, with power and gaps worked out. */
export function curveOf(ascending: readonly Reading[]): Curve {
  const usualMs = usualInterval(ascending);
  const gaps = ascending.map((reading, index) =>
    gapBetween(ascending[index - 1], reading, usualMs),
  );
  const spanMs = averagingSpan(ascending, gaps, usualMs);
  let from = 0;
  const points = ascending.map((reading, index) => {
    const gap = gaps[index] ?? null;
    if (gap !== null) from = index;
    // The newest reading that is a span older, give or take half an interval.
    const latestMs = reading.timeMs - spanMs + usualMs / 2;
    while ((ascending[from + 1]?.timeMs ?? Number.POSITIVE_INFINITY) <= latestMs) from++;
    const before = ascending[from];
    const { value, scaler, unit } = reading;
    return {
      reading,
      shown: value === null ? null : quantity(value, scaler, unit),
      power: before && before.timeMs <= latestMs ? powerBetween(before, reading) : null,
      gap,
    };
  });
  return { points, intervalMs: usualMs, spanMs };
}

function gapBetween(
  before: Reading | undefined,
  after: Reading,
  usualMs: number,
): CurvePoint["gap"] {
  if (before === undefined) return null;
  const ms = after.timeMs - before.timeMs;
  if (usualMs === 0 || ms < usualMs * gapFactor) return null;
  return { ms, missing: Math.max(1, Math.round(ms / usualMs) - 1) };
}

/** One interval where energy rises by enough steps in it, otherwise the shortest round span where it does. */
function averagingSpan(
  ascending: readonly Reading[],
  gaps: readonly CurvePoint["gap"][],
  usualMs: number,
): number {
  const { steps, ms, longestMs } = flowOf(ascending, gaps);
  const wantedMs = steps === 0 ? usualMs : (fineSteps * ms) / steps;
  const mostMs = Math.max(usualMs, Math.min(longestSpanMs, longestMs / 2));
  if (wantedMs <= usualMs) return usualMs;
  const fitting = spansMs.filter((spanMs) => spanMs > usualMs && spanMs <= mostMs);
  return fitting.find((spanMs) => spanMs >= wantedMs) ?? fitting.at(-1) ?? usualMs;
}

/** How many steps the register made in how long, and the longest time without a gap. */
function flowOf(ascending: readonly Reading[], gaps: readonly CurvePoint["gap"][]) {
  const flow = { steps: 0, ms: 0, longestMs: 0 };
  let sinceMs = ascending[0]?.timeMs ?? 0;
  for (const [index, { timeMs, value }] of ascending.entries()) {
    if (gaps[index]) sinceMs = timeMs;
    flow.longestMs = Math.max(flow.longestMs, timeMs - sinceMs);
    const before = ascending[index - 1];
    if (before === undefined || gaps[index]) continue;
    if (before.value === null || value === null) continue;
    flow.steps += Math.abs(value - before.value);
    flow.ms += timeMs - before.timeMs;
  }
  return flow;
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
