import type { Finding } from "@gridledger/protocol/metering/findings";
import type { StandingRow } from "./correction-queries.ts";

type Placed = Finding & { readonly height: number; readonly txHash: Uint8Array };

/** A finding and what corrections have to do with it. */
export interface JudgedFinding extends Placed {
  /**
   * "open": it holds as the values stand · "resolved": it held as they were read, and no more ·
   * "brought": only a correction brought it.
   */
  readonly state: "open" | "resolved" | "brought";
  /** The correction that resolved or brought it. */
  readonly correction: Pick<StandingRow, "number" | "transaction"> | undefined;
}

/** Findings in the values as read, and in those that stand now, as one list by time. */
export function judgeFindings(
  read: readonly Placed[],
  now: readonly Placed[],
  standing: readonly StandingRow[],
): JudgedFinding[] {
  const nameOf = ({ kind, timeMs, obis }: Finding): string => `${kind} ${timeMs} ${obis ?? ""}`;
  const [before, after] = [new Set(read.map(nameOf)), new Set(now.map(nameOf))];
  const judged = read.map((one): JudgedFinding => {
    if (after.has(nameOf(one))) return { ...one, state: "open", correction: undefined };
    return { ...one, state: "resolved", correction: nearest(one, standing) };
  });
  const brought = now
    .filter((one) => !before.has(nameOf(one)))
    .map((one): JudgedFinding => {
      return { ...one, state: "brought", correction: nearest(one, standing) };
    });
  return [...judged, ...brought].sort((a, b) => a.timeMs - b.timeMs);
}

/** Of the value itself, or of the last one before it that was corrected: a finding compares the two. */
function nearest({ timeMs, obis }: Finding, standing: readonly StandingRow[]) {
  return standing.findLast(
    (one) => one.timeMs <= timeMs && (obis === undefined || one.obis === obis),
  );
}
