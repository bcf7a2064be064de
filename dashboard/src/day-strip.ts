/** What a stretch of a day is: nothing to expect, a reading, a corrected one, one that wants a second look, none. */
export type StretchState = "outside" | "present" | "corrected" | "odd" | "missing";

/** Part of a day, in shares of it. */
interface Stretch {
  readonly state: StretchState;
  /** 0 to 1. */
  readonly share: number;
}

export interface Day {
  readonly startMs: number;
  readonly expected: number;
  readonly missing: number;
  readonly stretches: readonly Stretch[];
}

export interface RecordShown {
  readonly fromMs: number;
  /** Inclusive. */
  readonly toMs: number;
  readonly intervalMs: number;
  readonly missing: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly oddMs: readonly number[];
  /** Times for which another value stands than the one that was read (guide §4.4.1). */
  readonly correctedMs: readonly number[];
}

/** A cell is never narrower than can be seen. */
const MIN_CELL_MS = 900_000;

/** Local days of a record, the newest first. */
export function daysOf(record: RecordShown): Day[] {
  const days: Day[] = [];
  for (let startMs = dayStart(record.fromMs); startMs <= record.toMs; ) {
    const endMs = nextDay(startMs);
    days.push(dayOf(record, startMs, endMs));
    startMs = endMs;
  }
  return days.reverse();
}

function dayStart(timeMs: number): number {
  return new Date(timeMs).setHours(0, 0, 0, 0);
}

/** Days are 23 or 25 hours long where clocks change. */
function nextDay(startMs: number): number {
  const date = new Date(startMs);
  return date.setDate(date.getDate() + 1);
}

function dayOf(record: RecordShown, startMs: number, endMs: number): Day {
  const cellMs = Math.max(record.intervalMs, MIN_CELL_MS);
  const stretches: { state: StretchState; share: number }[] = [];
  for (let fromMs = startMs; fromMs < endMs; fromMs += cellMs) {
    const toMs = Math.min(fromMs + cellMs, endMs);
    const state = stateOf(record, fromMs, toMs);
    const share = (toMs - fromMs) / (endMs - startMs);
    const last = stretches.at(-1);
    if (last?.state === state) last.share += share;
    else stretches.push({ state, share });
  }
  const count = (fromMs: number, toMs: number) =>
    Math.max(0, Math.ceil((toMs - fromMs) / record.intervalMs));
  const expected = count(Math.max(startMs, record.fromMs), Math.min(endMs, record.toMs + 1));
  const missing = record.missing
    .map((gap) => count(Math.max(startMs, gap.fromMs), Math.min(endMs, gap.toMs)))
    .reduce((sum, one) => sum + one, 0);
  return { startMs, expected, missing, stretches };
}

/** The worst of a cell: a hole must not vanish in a wide one. */
function stateOf(record: RecordShown, fromMs: number, toMs: number): StretchState {
  const holds = (timeMs: number) => timeMs >= fromMs && timeMs < toMs;
  if (toMs <= record.fromMs || fromMs > record.toMs) return "outside";
  if (record.missing.some((gap) => gap.fromMs < toMs && gap.toMs > fromMs)) return "missing";
  if (record.oddMs.some(holds)) return "odd";
  return record.correctedMs.some(holds) ? "corrected" : "present";
}
