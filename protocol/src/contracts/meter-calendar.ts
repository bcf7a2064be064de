import { type Chain, contractSetOf } from "../ledger/genesis.ts";
import { MeterCalendar } from "./energy-days.ts";

const calendars = new Map<number, MeterCalendar>();

/** How the channel divides time for meters. */
export function meterCalendar(chain: Chain): MeterCalendar {
  const { meterIntervalMs } = contractSetOf(chain);
  const known = calendars.get(meterIntervalMs) ?? new MeterCalendar(meterIntervalMs);
  calendars.set(meterIntervalMs, known);
  return known;
}
