import type { RegisterPoint } from "./energy-days.ts";

/** A value between two readings this part of an interval apart counts as measured: 5 minutes of 15. */
const MEASURED_PART = 3;

/** What a register counted between two borders of intervals. */
export interface MeterEnergy {
  /** Sum over the intervals that are known. Whole Wh: neighbouring spans add up without a rest. */
  readonly energyWh: number;
  /** Intervals that are not in the sum: no reading on one side, or the register ran backwards. */
  readonly missing: number;
  /** Intervals in the sum with a boundary between readings more than a third of one apart. */
  readonly estimated: number;
}

interface Boundary {
  readonly wh: number;
  readonly isMeasured: boolean;
}

/**
 * Energy from points in the order of time. A boundary between two readings lies on the line between
 * them, cut to whole Wh; with no reading on one side it is unknown.
 */
export function meterEnergy(
  points: readonly RegisterPoint[],
  intervalMs: number,
  fromMs: number,
  toMs: number,
): MeterEnergy {
  let [energyWh, missing, estimated] = [0, 0, 0];
  let after = 0;
  const boundaryAt = (timeMs: number): Boundary | undefined => {
    while (after < points.length && points[after]!.timeMs < timeMs) after++;
    const around = { before: points[after - 1], after: points[after] };
    return between(around, timeMs, intervalMs / MEASURED_PART);
  };
  let start = boundaryAt(fromMs);
  for (let timeMs = fromMs + intervalMs; timeMs <= toMs; timeMs += intervalMs) {
    const end = boundaryAt(timeMs);
    if (start === undefined || end === undefined || end.wh < start.wh) missing++;
    else {
      energyWh += end.wh - start.wh;
      if (!start.isMeasured || !end.isMeasured) estimated++;
    }
    start = end;
  }
  return { energyWh, missing, estimated };
}

interface Around {
  readonly before: RegisterPoint | undefined;
  readonly after: RegisterPoint | undefined;
}

function between(
  { before, after }: Around,
  timeMs: number,
  measuredGapMs: number,
): Boundary | undefined {
  if (after?.timeMs === timeMs) return { wh: after.wh, isMeasured: true };
  if (before === undefined || after === undefined) return undefined;
  const gapMs = after.timeMs - before.timeMs;
  const rise = BigInt(after.wh - before.wh) * BigInt(timeMs - before.timeMs);
  const share = rise >= 0n ? rise / BigInt(gapMs) : -((-rise + BigInt(gapMs) - 1n) / BigInt(gapMs));
  return { wh: before.wh + Number(share), isMeasured: gapMs <= measuredGapMs };
}
