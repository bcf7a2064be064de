import {
  DAYS_KEPT,
  type MeterCalendar,
  type RegisterPoint,
} from "@gridledger/protocol/contracts/energy-days";
import { meterEnergy } from "@gridledger/protocol/contracts/meter-energy";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { StateReader } from "../../state/state-view.ts";
import { METERS_ADDRESS, METERS_NUMBER, WATCHED, watchSlot } from "../watched-meters.ts";
import { AbiWords, selectorOf, words } from "./abi-words.ts";
import type { Precompile, PrecompilePlace } from "./precompile.ts";

const ENERGY = selectorOf("meterEnergy(string,string,uint64,uint64)");
const WATCH = selectorOf("watchMeter(string)");
const INTERVAL = selectorOf("meterInterval()");
const IS_WATCHED = selectorOf("isWatched(string)");
/** Who may make the state keep a meter's registers. */
const MAY_WATCH: readonly Role[] = ["operator", "application"];

/**
 * 0x0a04: energy from finalised, signed readings (guide §3.2), without an oracle.
 *
 * `watchMeter(string meter) returns (uint256)`: from now on the state keeps the active-energy registers
 * of the meter by the interval, for 8 days of them. For operators and applications; others revert.
 * `isWatched(string meter) returns (uint256)`: 1 or 0.
 * `meterInterval() returns (uint256)`: length of an interval in ms, as the genesis declares it.
 * `meterEnergy(string meter, string register, uint64 fromMs, uint64 toMs) returns (uint256 energyWh,
 * uint256 missing, uint256 estimated)`: what the register counted between two borders of intervals, at
 * most 768 intervals apart, which is 8 days of quarters of an hour (`protocol/contracts/meter-energy`).
 */
export const meterRegisters: Precompile = {
  number: METERS_NUMBER,
  gas(data, { calendar }) {
    const call = new AbiWords(data);
    if (call.selector === WATCH) return 25_000;
    if (call.selector !== ENERGY) return 2_600;
    const spanMs = Math.max(0, (call.uint(3) ?? 0) - (call.uint(2) ?? 0));
    const days = Math.min(DAYS_KEPT, Math.ceil(spanMs / calendar.dayMs)) + 2;
    return 3_000 + days * 2_100 + Math.min(1_000, Math.ceil(spanMs / calendar.intervalMs)) * 50;
  },
  run(data, place) {
    const call = new AbiWords(data);
    if (call.selector === INTERVAL) return words(place.calendar.intervalMs);
    const meter = call.text(0);
    if (meter === undefined || meter.length === 0) return undefined;
    if (call.selector === WATCH) return watch(meter, place);
    if (call.selector === IS_WATCHED) return words(isWatched(meter, place) ? 1 : 0);
    return call.selector === ENERGY ? energy(meter, call, place) : undefined;
  },
};

function isWatched(meter: string, { world, hash }: PrecompilePlace): boolean {
  return world.slotOf(METERS_ADDRESS, watchSlot(hash, meter)).length > 0;
}

function watch(meter: string, { world, hash, sender }: PrecompilePlace): Uint8Array | undefined {
  if (!MAY_WATCH.includes(sender().identity.role)) return undefined;
  world.setSlot(METERS_ADDRESS, watchSlot(hash, meter), WATCHED);
  return words(1);
}

function energy(
  meter: string,
  call: AbiWords,
  { state, calendar }: PrecompilePlace,
): Uint8Array | undefined {
  const [obis, fromMs, toMs] = [call.text(1), call.uint(2), call.uint(3)];
  if (obis === undefined || fromMs === undefined || toMs === undefined) return undefined;
  const { intervalMs, dayMs } = calendar;
  const isAligned = fromMs % intervalMs === 0 && toMs % intervalMs === 0;
  if (!isAligned || fromMs >= toMs || toMs - fromMs > DAYS_KEPT * dayMs) return undefined;
  const points = pointsBetween(calendar, state(), { meter, obis, fromMs, toMs });
  const found = meterEnergy(points, intervalMs, fromMs, toMs);
  return words(found.energyWh, found.missing, found.estimated);
}

interface Span {
  readonly meter: string;
  readonly obis: string;
  readonly fromMs: number;
  readonly toMs: number;
}

function pointsBetween(
  calendar: MeterCalendar,
  state: StateReader,
  { meter, obis, fromMs, toMs }: Span,
): RegisterPoint[] {
  const points: RegisterPoint[] = [];
  for (let day = calendar.dayOf(fromMs) - 1; day <= calendar.dayOf(toMs) + 1; day++) {
    points.push(...(state.get(calendar.days, { meter, obis, day })?.points ?? []));
  }
  return points;
}
