import { Fault } from "@gridledger/protocol/faults";
import { parseObis, unitNumber } from "@gridledger/protocol/metering/obis";
import {
  MAX_METER_BYTES,
  MAX_REGISTERS_PER_BATCH,
} from "@gridledger/protocol/metering/reading-batch";
import type { Readout, ReadoutFlag, Register } from "./readout.ts";

/** A meter whose clock is further ahead than this is not believed: its later readings would be "before". */
const MAX_AHEAD_MS = 15 * 60_000;
const MAX_SKEW_MS = 5 * 60_000;
/** Differences of two such values are safe integers. */
const MAX_VALUE = 2 ** 52;

/** The meter's last reading that was taken. */
export interface LastReading {
  readonly atMs: number;
  readonly registers: readonly Register[];
}

export interface CheckedReadout {
  readonly atMs: number;
  readonly flags: readonly ReadoutFlag[];
  /** The meter repeats what it said before, time and all: nothing new to keep. */
  readonly isRepeat: boolean;
}

/**
 * What a batch can hold of this readout, guide §4.4.1 a). Odd things are flagged and kept as the meter
 * said them; only a time that the chain must refuse is replaced by the time of receipt, and flagged.
 *
 * @param earliestMs our own clock is not set while it shows less than this
 * @throws Fault READOUT_INVALID
 */
export function checkReadout(
  readout: Readout,
  last: LastReading | undefined,
  earliestMs: number,
): CheckedReadout {
  checkShape(readout);
  const flags = new Set(readout.flags);
  if (last !== undefined && last.atMs === readout.atMs && sameValues(last, readout)) {
    return { atMs: readout.atMs, flags: [...flags], isRepeat: true };
  }
  const atMs = checkTime(readout, last, earliestMs, flags);
  if (last !== undefined && energyFell(last, readout)) flags.add("register-fell");
  return { atMs, flags: [...flags], isRepeat: false };
}

function refuse(readout: Readout, detail: string): never {
  throw new Fault("READOUT_INVALID", detail, { data: { meter: readout.meter.slice(0, 48) } });
}

function checkShape(readout: Readout): void {
  const { meter, registers } = readout;
  if (!/^[\x21-\x7e]+$/.test(meter) || meter.length > MAX_METER_BYTES) {
    refuse(readout, `a meter's name has 1 to ${MAX_METER_BYTES} printable characters`);
  }
  if (registers.length === 0) refuse(readout, "no registers");
  if (registers.length > MAX_REGISTERS_PER_BATCH) refuse(readout, "too many registers");
  const seen = new Set<string>();
  for (const { obis, unit, scaler, value } of registers) {
    parseObis(obis);
    unitNumber(unit);
    if (seen.has(obis)) refuse(readout, `${obis} stands twice`);
    seen.add(obis);
    if (!Number.isInteger(scaler) || Math.abs(scaler) > 9) refuse(readout, `${obis}: scaler`);
    if (value !== null && !(Number.isInteger(value) && Math.abs(value) <= MAX_VALUE)) {
      refuse(readout, `${obis}: the value is not a safe integer`);
    }
  }
}

function checkTime(
  { meter, atMs, receivedMs, flags: given }: Readout,
  last: LastReading | undefined,
  earliestMs: number,
  flags: Set<ReadoutFlag>,
): number {
  const ownClockIsSet = receivedMs >= earliestMs;
  const isMeterTime = !given.some((flag) => flag === "no-meter-clock" || flag === "clock-invalid");
  let timeMs = atMs;
  if (ownClockIsSet && isMeterTime) {
    if (Math.abs(atMs - receivedMs) > MAX_SKEW_MS) flags.add("clock-skew");
    if (atMs - receivedMs > MAX_AHEAD_MS) {
      flags.add("clock-invalid");
      timeMs = receivedMs;
    }
  } else if (!isMeterTime && !ownClockIsSet) {
    throw new Fault("READOUT_INVALID", "neither the meter nor the bridge knows the time", {
      data: { meter },
    });
  }
  if (last === undefined || timeMs > last.atMs) return timeMs;
  // The chain takes no time twice (edge-node: BATCH_SHAPE), and a reading is not thrown away.
  flags.add("clock-back");
  if (ownClockIsSet && receivedMs > last.atMs) return receivedMs;
  throw new Fault("READOUT_INVALID", "the time is not after the meter's last reading", {
    data: { meter, atMs, lastAtMs: last.atMs },
  });
}

function sameValues(last: LastReading, readout: Readout): boolean {
  return (
    last.registers.length === readout.registers.length &&
    last.registers.every((register, i) => {
      const other = readout.registers[i];
      return other?.obis === register.obis && other.value === register.value;
    })
  );
}

/** Totals and tariffs of import and export only grow (OBIS C 1, 2 · D 8). */
function energyFell(last: LastReading, readout: Readout): boolean {
  const before = new Map(last.registers.map((register) => [register.obis, register]));
  return readout.registers.some(({ obis, value, scaler }) => {
    const old = before.get(obis);
    if (value === null || old == null || old.value === null || old.scaler !== scaler) return false;
    return /^\d+-\d+:(?:1|2)\.8\.\d+$/.test(obis) && value < old.value;
  });
}
