import { accounts, slots } from "@gridledger/protocol/contracts/account";
import {
  DAYS_KEPT,
  isEnergyRegister,
  type MeterCalendar,
  pointsOf,
  type RegisterPoint,
  withPoints,
} from "@gridledger/protocol/contracts/energy-days";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import type { ReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import type { StateReader, StateView } from "../state/state-view.ts";

/** The precompile that answers for meters: the last two bytes of its address. */
export const METERS_NUMBER = 0x0a04;
export const METERS_ADDRESS: Uint8Array = Uint8Array.from({ length: 20 }, (_, at) =>
  at < 18 ? 0 : (METERS_NUMBER >> (8 * (19 - at))) & 0xff,
);
export const WATCHED = Uint8Array.of(1);

/** Where it stands in the precompile's storage that a meter is watched. */
export function watchSlot(hash: Hash, meter: string): Uint8Array {
  return hash(Buffer.from(meter, "latin1"));
}

/** True where a contract has asked for the meter's registers; on most channels nobody has. */
export function isMeterWatched(state: StateReader, hash: Hash, meter: string): boolean {
  if (state.get(accounts, METERS_ADDRESS) === undefined) return false;
  const place = { address: METERS_ADDRESS, slot: watchSlot(hash, meter) };
  return state.get(slots, place) !== undefined;
}

/** Keeps the energy registers of a final batch for contracts to read; forgets the days before. */
export function keepRegisters(
  calendar: MeterCalendar,
  state: StateView,
  batch: ReadingBatch,
): void {
  const { days } = calendar;
  for (const column of batch.registers) {
    if (!isEnergyRegister(column)) continue;
    const name = { meter: batch.meter, obis: column.obis };
    for (const [day, points] of byDay(calendar, pointsOf(batch.timesMs, column))) {
      const known = state.get(days, { ...name, day });
      const kept = withPoints(calendar, known?.points ?? [], points);
      state.set(days, { ...name, day }, { day, points: kept });
      if (known === undefined) forgetOld(calendar, state, { ...name, day });
    }
  }
}

/** A day opens: those that fell out go. A gap of more than as many days leaves what it leaves. */
function forgetOld(
  { days }: MeterCalendar,
  state: StateView,
  { day, ...name }: { meter: string; obis: string; day: number },
): void {
  for (let old = day - DAYS_KEPT; old > day - 2 * DAYS_KEPT; old--) {
    const place = { ...name, day: old };
    if (state.get(days, place) !== undefined) state.delete(days, place);
  }
}

function byDay(
  calendar: MeterCalendar,
  points: readonly RegisterPoint[],
): Map<number, RegisterPoint[]> {
  const days = new Map<number, RegisterPoint[]>();
  for (const point of points) {
    const day = calendar.dayOf(point.timeMs);
    const held = days.get(day);
    if (held === undefined) days.set(day, [point]);
    else held.push(point);
  }
  return days;
}
