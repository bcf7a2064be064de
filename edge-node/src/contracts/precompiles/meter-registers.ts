import { correctedPoints, type JudgedPoint } from "@gridledger/protocol/contracts/corrected-points";
import {
  DAYS_KEPT,
  type MeterCalendar,
  type RegisterPoint,
} from "@gridledger/protocol/contracts/energy-days";
import { meterEnergy } from "@gridledger/protocol/contracts/meter-energy";
import { correctionDay, correctionHeads } from "@gridledger/protocol/ledger/corrected-values";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { entriesBetween } from "../../state/correction-entries.ts";
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
 * uint256 missing, uint256 estimated, uint256 corrected)`: what the register counted between two borders of
 * intervals, at most 768 intervals apart, which is 8 days of quarters of an hour
 * (`protocol/contracts/meter-energy`), with corrections of readings as they stand.
 */
export const meterRegisters: Precompile = {
  number: METERS_NUMBER,
  gas(data, place) {
    const { calendar } = place;
    const call = new AbiWords(data);
    if (call.selector === WATCH) return 25_000;
    if (call.selector !== ENERGY) return 2_600;
    const spanMs = Math.max(0, (call.uint(3) ?? 0) - (call.uint(2) ?? 0));
    const days = Math.min(DAYS_KEPT, Math.ceil(spanMs / calendar.dayMs)) + 2;
    const spans = Math.min(1_000, Math.ceil(spanMs / calendar.intervalMs));
    return 3_000 + days * 2_100 + spans * 50 + correctionGas(call, place);
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
  const points = judgedBetween(calendar, state(), { meter, obis, fromMs, toMs });
  const found = meterEnergy(points, intervalMs, fromMs, toMs);
  return words(found.energyWh, found.missing, found.estimated, found.corrected);
}

/** A day with corrected values costs as one with readings, and its values their decoding; none, nothing. */
function correctionGas(call: AbiWords, { state, calendar }: PrecompilePlace): number {
  const head = state().get(correctionHeads, call.text(0) ?? "");
  if (head === undefined) return 0;
  const { dayMs } = calendar;
  const first = correctionDay((call.uint(2) ?? 0) - 2 * dayMs);
  const last = correctionDay((call.uint(3) ?? 0) + 2 * dayMs);
  return head.days
    .filter(({ day }) => day >= first && day <= last)
    .reduce((sum, { values }) => sum + 2_100 + 50 * values, 2_100);
}

interface Span {
  readonly meter: string;
  readonly obis: string;
  readonly fromMs: number;
  readonly toMs: number;
}

function judgedBetween(
  calendar: MeterCalendar,
  state: StateReader,
  { meter, obis, fromMs, toMs }: Span,
): readonly JudgedPoint[] {
  const points: RegisterPoint[] = [];
  const [first, last] = [calendar.dayOf(fromMs) - 1, calendar.dayOf(toMs) + 1];
  for (let day = first; day <= last; day++) {
    points.push(...(state.get(calendar.days, { meter, obis, day })?.points ?? []));
  }
  const period = { fromMs: first * calendar.dayMs, toMs: (last + 1) * calendar.dayMs - 1 };
  return correctedPoints(points, entriesBetween(state, meter, { obis, ...period }));
}
