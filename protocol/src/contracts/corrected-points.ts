import type { CorrectedEntry } from "../ledger/corrected-values.ts";
import { isEnergyRegister, type RegisterPoint, wholeWh } from "./energy-days.ts";

/** A point of a register, and what corrections have to do with it. */
export interface JudgedPoint extends RegisterPoint {
  readonly isCorrected?: boolean;
  readonly isEstimated?: boolean;
  /** A reading between it and the point before is void. */
  readonly followsVoid?: boolean;
}

/**
 * The points as corrections leave them, by time: a corrected or estimated value stands in for the
 * reading, also where the meter gave none; a void one is gone.
 */
export function correctedPoints(
  points: readonly RegisterPoint[],
  entries: readonly CorrectedEntry[],
): readonly JudgedPoint[] {
  if (entries.length === 0) return points;
  const byTime = new Map<number, JudgedPoint | undefined>(
    points.map((point) => [point.timeMs, point]),
  );
  for (const entry of entries) byTime.set(entry.timeMs, pointOf(entry));
  const judged: JudgedPoint[] = [];
  let followsVoid = false;
  for (const [, point] of [...byTime].sort(([a], [b]) => a - b)) {
    if (point !== undefined) judged.push(followsVoid ? { ...point, followsVoid } : point);
    followsVoid = point === undefined;
  }
  return judged;
}

function pointOf({ timeMs, value, status, ...register }: CorrectedEntry): JudgedPoint | undefined {
  if (value === null || !isEnergyRegister(register)) return undefined;
  const wh = wholeWh(value, register.scaler);
  if (!Number.isSafeInteger(wh)) return undefined;
  return { timeMs, wh, isCorrected: true, isEstimated: status === "estimated" };
}
