import { INTERVAL_MS, type RegisterPoint } from "./energy-days.ts";

/** A value between two readings this far apart counts as measured. */
const MEASURED_GAP_MS = 300_000;

/** What a register counted between two quarters of an hour. */
export interface MeterEnergy {
  /** Sum over the intervals that are known. Whole Wh: neighbouring spans add up without a rest. */
  readonly energyWh: number;
  /** Intervals that are not in the sum: no reading on one side, or the register ran backwards. */
  readonly missing: number;
  /** Intervals in the sum with a boundary between readings more than 5 minutes apart. */
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
  fromMs: number,
  toMs: number,
): MeterEnergy {
  let [energyWh, missing, estimated] = [0, 0, 0];
  let after = 0;
  const boundaryAt = (timeMs: number): Boundary | undefined => {
    while (after < points.length && points[after]!.timeMs < timeMs) after++;
    return between(points[after - 1], points[after], timeMs);
  };
  let start = boundaryAt(fromMs);
  for (let timeMs = fromMs + INTERVAL_MS; timeMs <= toMs; timeMs += INTERVAL_MS) {
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

function between(
  before: RegisterPoint | undefined,
  after: RegisterPoint | undefined,
  timeMs: number,
): Boundary | undefined {
  if (after?.timeMs === timeMs) return { wh: after.wh, isMeasured: true };
  if (before === undefined || after === undefined) return undefined;
  const gapMs = after.timeMs - before.timeMs;
  const rise = BigInt(after.wh - before.wh) * BigInt(timeMs - before.timeMs);
  const share = rise >= 0n ? rise / BigInt(gapMs) : -((-rise + BigInt(gapMs) - 1n) / BigInt(gapMs));
  return { wh: before.wh + Number(share), isMeasured: gapMs <= MEASURED_GAP_MS };
}
