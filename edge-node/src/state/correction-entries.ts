import {
  type CorrectedEntry,
  type CorrectionHead,
  correctedDays,
  correctionDay,
  correctionHeads,
  lastClosedDay,
  MAX_VALUES_KEPT,
} from "@gridledger/protocol/ledger/corrected-values";
import type { StateReader, StateView } from "./state-view.ts";

/** What the newest correction made of a value; undefined where the reading stands. */
export function entryOf(
  state: StateReader,
  meter: string,
  obis: string,
  timeMs: number,
): CorrectedEntry | undefined {
  const entries = state.get(correctedDays, { meter, day: correctionDay(timeMs) });
  return entries?.find((one) => one.timeMs === timeMs && one.obis === obis);
}

/** Corrected values of one meter in a period, both ends inclusive, by time. */
export function entriesBetween(
  state: StateReader,
  meter: string,
  { obis, fromMs, toMs }: { obis: string; fromMs: number; toMs: number },
): CorrectedEntry[] {
  const head = state.get(correctionHeads, meter);
  if (head === undefined) return [];
  const [first, last] = [correctionDay(fromMs), correctionDay(toMs)];
  return head.days
    .filter(({ day }) => day >= first && day <= last)
    .flatMap(({ day }) => state.get(correctedDays, { meter, day }) ?? [])
    .filter((one) => one.obis === obis && one.timeMs >= fromMs && one.timeMs <= toMs);
}

/** True when so many values more fit, of those that are not too old to be corrected again. */
export function hasRoom(state: StateReader, meter: string, more: number, nowMs: number): boolean {
  const kept = openDays(state.get(correctionHeads, meter), nowMs);
  return kept.reduce((sum, { values }) => sum + values, more) <= MAX_VALUES_KEPT;
}

/** Puts values in, takes days out that nobody can correct any more; the days that are left. */
export function writeEntries(
  state: StateView,
  meter: string,
  fresh: readonly CorrectedEntry[],
  nowMs: number,
): CorrectionHead["days"] {
  const head = state.get(correctionHeads, meter);
  const open = openDays(head, nowMs);
  for (const { day } of head?.days ?? []) {
    if (!open.some((one) => one.day === day)) state.delete(correctedDays, { meter, day });
  }
  const counts = new Map(open.map(({ day, values }) => [day, values]));
  for (const day of new Set(fresh.map(({ timeMs }) => correctionDay(timeMs)))) {
    const ofDay = fresh.filter(({ timeMs }) => correctionDay(timeMs) === day);
    const entries = merged(state.get(correctedDays, { meter, day }) ?? [], ofDay);
    state.set(correctedDays, { meter, day }, entries);
    counts.set(day, entries.length);
  }
  return [...counts].map(([day, values]) => ({ day, values })).sort((a, b) => a.day - b.day);
}

function openDays(head: CorrectionHead | undefined, nowMs: number): CorrectionHead["days"] {
  const closed = lastClosedDay(nowMs);
  return (head?.days ?? []).filter(({ day }) => day > closed);
}

function merged(
  known: readonly CorrectedEntry[],
  fresh: readonly CorrectedEntry[],
): CorrectedEntry[] {
  const place = ({ obis, timeMs }: CorrectedEntry): string => `${timeMs} ${obis}`;
  const all = new Map([...known, ...fresh].map((entry) => [place(entry), entry]));
  const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  return [...all.values()].sort((a, b) => a.timeMs - b.timeMs || byText(a.obis, b.obis));
}
