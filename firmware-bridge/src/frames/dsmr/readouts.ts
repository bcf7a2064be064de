import { MAX_REGISTERS_PER_BATCH } from "@gridledger/protocol/metering/reading-batch";
import type { Readout, ReadoutFlag, Register } from "../../metering/readout.ts";
import { channelMeterId, electricityMeterId, identificationId } from "./meter-id.ts";
import { obisOf } from "./obis-id.ts";
import { parseCount, parseQuantity, parseRatio, type Quantity, quantityOf } from "./quantity.ts";
import type { DataLine, Telegram } from "./telegram.ts";
import { parseTimestamp } from "./timestamp.ts";

interface P1Options {
  readonly receivedMs: number;
  /** Local winter time minus UTC, minutes. */
  readonly winterOffsetMinutes: number;
  /** Name of the electricity meter where the telegram's own is not wanted. */
  readonly meter?: string;
}

/** Unitless lines that are counters or states: power failures, tariff, breaker, sags and swells. */
const countPattern = /^(?:0-\d+:96\.(?:7|14|3)\.\d+|1-0:(?:32|52|72)\.(?:32|36)\.0)$/;

/** Power factors, total and by phase, stand without a unit (HU, DE). */
const ratioPattern = /^1-0:(?:13|33|53|73|84|85|86|87)\.7\.\d+$/;
/** Relays of the electricity meter, on the numbers of M-Bus channels (BE, LU). */
const relayPattern = /^0-\d+:96\.3\.10$/;

/** The electricity meter's readout and one for each M-Bus device that has a value. */
export function readoutsOf(telegram: Telegram, options: P1Options): Readout[] {
  const channels = mbusChannels(telegram.lines);
  const electricity = electricityReadout(
    telegram,
    telegram.lines.filter(({ id }) => !channels.has(channelOf(id)) || relayPattern.test(id)),
    options,
  );
  const readouts = [electricity];
  for (const channel of channels) {
    const taken = readouts.map(({ meter }) => meter);
    const readout = channelReadout(telegram.lines, channel, taken, options);
    if (readout !== null) readouts.push(readout);
  }
  return readouts.filter(({ registers }) => registers.length > 0);
}

/**
 * M-Bus channels are those with a line 0-n:24.x (DSMR 5.0.2 §6.12). Belgian meters also send
 * 0-n:96.3.10 for relays, which are the meter's own.
 */
function mbusChannels(lines: readonly DataLine[]): Set<number> {
  return new Set(
    lines.filter(({ id }) => /^0-[1-9]\d?:24\./.test(id)).map(({ id }) => channelOf(id)),
  );
}

function channelOf(id: string): number {
  return Number(/^0-(\d{1,2}):/.exec(id)?.[1] ?? 0);
}

function electricityReadout(
  { identification, unreadable }: Telegram,
  lines: readonly DataLine[],
  options: P1Options,
): Readout {
  const flags: ReadoutFlag[] = [];
  const id = options.meter ?? electricityMeterId(lines);
  if (id === null) flags.push("weak-meter-id");
  const clock = lines.find((line) => obisOf(line.id) === "0-0:1.0.0");
  const atMs =
    clock === undefined ? null : parseTimestamp(clock.values[0] ?? "", options.winterOffsetMinutes);
  if (atMs === null) flags.push(clock === undefined ? "no-meter-clock" : "clock-invalid");
  return {
    meter: id ?? identificationId(identification),
    atMs: atMs ?? options.receivedMs,
    receivedMs: options.receivedMs,
    registers: registersOf(lines, unreadable > 0, flags),
    flags,
  };
}

function registersOf(
  lines: readonly DataLine[],
  hasUnreadable: boolean,
  flags: ReadoutFlag[],
): Register[] {
  const registers = new Map<string, Register>();
  let leftOut = hasUnreadable;
  for (const line of lines) {
    const obis = obisOf(line.id);
    const quantity = obis === null ? null : lineQuantity(obis, line.values);
    if (obis === null || quantity === null) continue;
    if (registers.has(obis) || registers.size === MAX_REGISTERS_PER_BATCH) leftOut = true;
    else registers.set(obis, { obis, ...quantity });
  }
  if (leftOut) flags.push("registers-left-out");
  return [...registers.values()];
}

/** `(value*unit)`, or `(time)(value*unit)` as maximum demand has it; lists of history are neither. */
function lineQuantity(obis: string, values: readonly string[]): Quantity | null {
  const last = values.at(-1) ?? "";
  if (values.length === 1) {
    if (ratioPattern.test(obis)) return parseRatio(last);
    return parseQuantity(last) ?? (countPattern.test(obis) ? parseCount(last) : null);
  }
  const isTimed = values.length === 2 && /^\d{12}[SW]?$/.test(values[0] ?? "");
  return isTimed ? parseQuantity(last) : null;
}

function channelReadout(
  lines: readonly DataLine[],
  channel: number,
  taken: readonly string[],
  options: P1Options,
): Readout | null {
  const own = lines.filter(({ id }) => id.startsWith(`0-${channel}:24.`));
  const times: number[] = [];
  const registers = new Map<string, Register>();
  for (const { id, values } of own) {
    const atMs = parseTimestamp(values[0] ?? "", options.winterOffsetMinutes);
    // Without a moment the device has not reported yet; meters send zeros until it does.
    if (atMs === null) continue;
    for (const register of timedRegisters(id, values)) {
      times.push(atMs);
      if (!registers.has(register.obis)) registers.set(register.obis, register);
    }
  }
  const atMs = times[0];
  if (atMs === undefined) return null;
  const sent = channelMeterId(lines, channel);
  // Two devices of one name would be one meter on the chain, whose readings contradict each other.
  const id = sent !== null && taken.includes(sent) ? null : sent;
  return {
    meter: id ?? `${taken[0]?.slice(0, 41)}:mbus${channel}`,
    atMs,
    receivedMs: options.receivedMs,
    registers: [...registers.values()],
    flags: id === null ? ["weak-meter-id"] : [],
  };
}

function timedRegisters(id: string, values: readonly string[]): Register[] {
  const obis = obisOf(id);
  if (obis === null) return [];
  if (values.length > 2) return profileRegisters(values);
  const quantity = parseQuantity(values[1] ?? "");
  return quantity === null ? [] : [{ obis, ...quantity }];
}

/** DSMR 3.0 §5.5.1: `(time)(status)(period)(n)` then n `(obis)(unit)` and n values. */
function profileRegisters(values: readonly string[]): Register[] {
  const count = /^[1-9]$/.test(values[3] ?? "") ? Number(values[3]) : 0;
  const registers: Register[] = [];
  for (let i = 0; i < count; i++) {
    const obis = obisOf(values[4 + 2 * i] ?? "");
    const quantity = quantityOf(values[4 + 2 * count + i] ?? "", values[5 + 2 * i] ?? "");
    if (obis !== null && quantity !== null) registers.push({ obis, ...quantity });
  }
  return registers;
}
