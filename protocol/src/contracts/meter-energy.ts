import type { JudgedPoint } from "./corrected-points.ts";

/** A value between two readings this part of an interval apart counts as measured: 5 minutes of 15. */
const MEASURED_PART = 3;

/** What a register counted between two borders of intervals. */
export interface MeterEnergy {
  /** Sum over the intervals that are known. Whole Wh: neighbouring spans add up without a rest. */
  readonly energyWh: number;
  /** Intervals that are not in the sum: no reading on one side, or the register ran backwards. */
  readonly missing: number;
  /** Intervals in the sum with a boundary that is estimated, or between readings more than a third of one apart. */
  readonly estimated: number;
  /** Intervals, in the sum or missing, with a boundary that a correction moved. */
  readonly corrected: number;
}

interface Boundary {
  /** Undefined where one side has no reading. */
  readonly wh: number | undefined;
  readonly isMeasured: boolean;
  readonly isCorrected: boolean;
}

/**
 * Energy from points in the order of time. A boundary between two readings lies on the line between
 * them, cut to whole Wh; with no reading on one side it is unknown.
 */
export function meterEnergy(
  points: readonly JudgedPoint[],
  intervalMs: number,
  fromMs: number,
  toMs: number,
): MeterEnergy {
  let [energyWh, missing, estimated, corrected] = [0, 0, 0, 0];
  let after = 0;
  const boundaryAt = (timeMs: number): Boundary => {
    while (after < points.length && points[after]!.timeMs < timeMs) after++;
    const around = { before: points[after - 1], after: points[after] };
    return between(around, timeMs, intervalMs / MEASURED_PART);
  };
  let start = boundaryAt(fromMs);
  for (let timeMs = fromMs + intervalMs; timeMs <= toMs; timeMs += intervalMs) {
    const end = boundaryAt(timeMs);
    if (start.wh === undefined || end.wh === undefined || end.wh < start.wh) missing++;
    else {
      energyWh += end.wh - start.wh;
      if (!start.isMeasured || !end.isMeasured) estimated++;
    }
    if (start.isCorrected || end.isCorrected) corrected++;
    start = end;
  }
  return { energyWh, missing, estimated, corrected };
}

interface Around {
  readonly before: JudgedPoint | undefined;
  readonly after: JudgedPoint | undefined;
}

function between({ before, after }: Around, timeMs: number, measuredGapMs: number): Boundary {
  if (after?.timeMs === timeMs) {
    const { wh, isEstimated = false, isCorrected = false } = after;
    return { wh, isMeasured: !isEstimated, isCorrected };
  }
  const isCorrected = [before?.isCorrected, after?.isCorrected, after?.followsVoid].includes(true);
  if (before === undefined || after === undefined) {
    return { wh: undefined, isMeasured: false, isCorrected };
  }
  const gapMs = after.timeMs - before.timeMs;
  const rise = BigInt(after.wh - before.wh) * BigInt(timeMs - before.timeMs);
  const share = rise >= 0n ? rise / BigInt(gapMs) : -((-rise + BigInt(gapMs) - 1n) / BigInt(gapMs));
  const isGuessed = before.isEstimated === true || after.isEstimated === true;
  return {
    wh: before.wh + Number(share),
    isMeasured: gapMs <= measuredGapMs && !isGuessed,
    isCorrected,
  };
}
