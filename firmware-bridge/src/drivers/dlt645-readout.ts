import { asFault } from "@gridledger/protocol/faults";
import { type Dlt645Value, decodeData } from "../frames/dlt645/data.ts";
import type { MomentPart } from "../frames/dlt645/field.ts";
import type { Readout, ReadoutFlag, Register } from "../metering/readout.ts";

const DATE = 0x04000101;
const TIME = 0x04000102;
const MINUTE_MS = 60_000;

/** One question to the meter. @throws Fault */
export type ReadData = (di: number) => Promise<Uint8Array>;

interface Dlt645ReadoutOptions {
  readonly meter: string;
  readonly identifiers: readonly number[];
  /** The meter's local time minus UTC; null where its clock is not asked. */
  readonly utcOffsetMinutes: number | null;
  readonly isSimulated: boolean;
  readonly nowMs: () => number;
  /** A register that cannot be read: the others go on. */
  readonly onFault: (di: number, thrown: unknown) => void;
}

/**
 * Asks one meter for its clock and its registers. A register that the meter refuses or that is not in
 * the table is left out and said; a silent meter ends the readout.
 *
 * @throws Fault METER_SILENT, METER_UNREACHABLE, DLT645_1997
 */
export async function readMeter(read: ReadData, options: Dlt645ReadoutOptions): Promise<Readout> {
  const clockMs = await readClock(read, options);
  const { registers, isPartial } = await readRegisters(read, options);
  const receivedMs = options.nowMs();
  const flags: ReadoutFlag[] = [];
  if (options.isSimulated) flags.push("simulated");
  if (isPartial) flags.push("partial");
  if (clockMs === null) {
    flags.push(options.utcOffsetMinutes === null ? "no-meter-clock" : "clock-invalid");
  }
  return { meter: options.meter, atMs: clockMs ?? receivedMs, receivedMs, registers, flags };
}

async function readRegisters(
  read: ReadData,
  { identifiers, onFault }: Dlt645ReadoutOptions,
): Promise<{ registers: Register[]; isPartial: boolean }> {
  const registers = new Map<string, Register>();
  let isPartial = false;
  for (const di of identifiers) {
    try {
      for (const register of registersOf(decodeData(di, await read(di)))) {
        registers.set(register.obis, register);
      }
    } catch (thrown) {
      if (endsReadout(thrown)) throw thrown;
      isPartial = true;
      onFault(di, thrown);
    }
  }
  return { registers: [...registers.values()], isPartial };
}

function endsReadout(thrown: unknown): boolean {
  const { code } = asFault(thrown);
  return code === "METER_SILENT" || code === "METER_UNREACHABLE" || code === "DLT645_1997";
}

function registersOf(values: readonly Dlt645Value[]): Register[] {
  return values.flatMap((value) => {
    if (value.kind !== "number" || value.obis === null) return [];
    return [{ obis: value.obis, unit: value.unit, scaler: value.scaler, value: value.value }];
  });
}

/** Null when the meter has no clock, or shows what cannot be. */
async function readClock(read: ReadData, options: Dlt645ReadoutOptions): Promise<number | null> {
  if (options.utcOffsetMinutes === null) return null;
  try {
    let date = momentOf(decodeData(DATE, await read(DATE)));
    const time = momentOf(decodeData(TIME, await read(TIME)));
    // Midnight may have passed between the two questions.
    if (time?.hour === 0 && time.minute === 0) date = momentOf(decodeData(DATE, await read(DATE)));
    if (date === null || time === null) return null;
    return epochMs({ ...date, ...time }, options.utcOffsetMinutes);
  } catch (thrown) {
    if (endsReadout(thrown)) throw thrown;
    options.onFault(DATE, thrown);
    return null;
  }
}

function momentOf([value]: readonly Dlt645Value[]): Partial<Record<MomentPart, number>> | null {
  return value?.kind === "moment" ? value.parts : null;
}

function epochMs(parts: Partial<Record<MomentPart, number>>, offsetMinutes: number): number | null {
  const { year = -1, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  const localMs = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  const isReal =
    year >= 0 &&
    month >= 1 &&
    month <= 12 &&
    new Date(localMs).getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  return isReal ? localMs - offsetMinutes * MINUTE_MS : null;
}
