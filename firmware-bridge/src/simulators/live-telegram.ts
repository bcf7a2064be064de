import { crc16Arc } from "../frames/crc16-arc.ts";
import { formatTimestamp } from "../frames/dsmr/timestamp.ts";

/** What the simulated house does now. */
export interface LivePower {
  readonly timeMs: number;
  readonly importW: number;
  readonly exportW: number;
  /** Energy since the simulation's epoch. */
  readonly importWh: number;
  readonly exportWh: number;
}

const BANG = 0x21;

/**
 * The captured telegram as the meter would send it now: the clock is now, the registers of the tariff
 * in force and the totals have grown by the energy, powers are the profile's. All else, down to the
 * width of each field, is the capture's; the CRC is made anew where it has one.
 */
export function liveTelegram(
  capture: Uint8Array,
  live: LivePower,
  winterOffsetMinutes: number,
): Uint8Array {
  const bang = capture.lastIndexOf(BANG);
  const text = Buffer.from(capture.subarray(0, bang)).toString("latin1");
  const tariff = /^0-0:96\.14\.0\(0*(\d+)\)/m.exec(text)?.[1] ?? "1";
  const lines = text.split("\r\n").map((line) => liveLine(line, tariff, live, winterOffsetMinutes));
  const body = Buffer.from(`${lines.join("\r\n")}!`, "latin1");
  const hasChecksum = /^[0-9a-fA-F]{4}/.test(
    Buffer.from(capture.subarray(bang + 1)).toString("latin1"),
  );
  const checksum = crc16Arc(body).toString(16).toUpperCase().padStart(4, "0");
  return Buffer.concat([body, Buffer.from(`${hasChecksum ? checksum : ""}\r\n`, "latin1")]);
}

function liveLine(line: string, tariff: string, live: LivePower, offsetMinutes: number): string {
  const [, id, value, unit] = /^1-0:(\d\.\d\.\d)\(([\d.]+)\*(kWh|kW)\)$/.exec(line) ?? [];
  if (/^0-0:1\.0\.0\(/.test(line)) {
    return `0-0:1.0.0(${formatTimestamp(live.timeMs, offsetMinutes)})`;
  }
  if (id === undefined || value === undefined) return line;
  const energyKwh = energyOf(id, tariff, live);
  const powerKw =
    id === "1.7.0" ? live.importW / 1_000 : id === "2.7.0" ? live.exportW / 1_000 : null;
  if (energyKwh !== null)
    return `1-0:${id}(${sameWidth(value, Number(value) + energyKwh)}*${unit})`;
  return powerKw === null ? line : `1-0:${id}(${sameWidth(value, powerKw)}*${unit})`;
}

function energyOf(id: string, tariff: string, live: LivePower): number | null {
  if (id === "1.8.0" || id === `1.8.${tariff}`) return live.importWh / 1_000;
  if (id === "2.8.0" || id === `2.8.${tariff}`) return live.exportWh / 1_000;
  return null;
}

/** The number with as many digits as the field had; a register that is full begins again at 0. */
function sameWidth(field: string, number: number): string {
  const decimals = field.split(".")[1]?.length ?? 0;
  const unitsPer = 10 ** decimals;
  const digits = field.replace(".", "").length;
  const count = Math.floor(number * unitsPer + 1e-6) % 10 ** digits;
  const text = String(count).padStart(digits, "0");
  return decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}
