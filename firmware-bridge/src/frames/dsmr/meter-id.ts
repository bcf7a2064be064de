import { obisOf } from "./obis-id.ts";
import type { DataLine } from "./telegram.ts";

/**
 * Where an electricity meter says who it is, best first: equipment identifier (NL, BE 0-0:96.1.1),
 * device id (IE, DE), logical device name (LU), meter serial number of the electricity object.
 */
const electricityIds = [
  "0-0:96.1.1",
  "0-0:96.1.0",
  "1-0:96.1.1",
  "1-0:96.1.0",
  "0-0:42.0.0",
  "0-0:C.1.0",
  "C.1.0",
  "1-0:0.0.0",
  "0-0:0.0.0",
];

/** Longer values are no identifiers: S96 has 192 digits, and padding does not double it. */
const MAX_ID_DIGITS = 512;

/** Null when no line carries an id; the caller falls back to the identification line. */
export function electricityMeterId(lines: readonly DataLine[]): string | null {
  return firstId(lines, electricityIds);
}

/** The M-Bus device on a channel (DSMR 5.0.2 §6.12: 0-n:96.1.0; e-MUCS: 0-n:96.1.1). */
export function channelMeterId(lines: readonly DataLine[], channel: number): string | null {
  const places = ["96.1.0", "96.1.1", "96.1.2", "42.0.0"];
  return firstId(
    lines,
    places.map((place) => `0-${channel}:${place}`),
  );
}

/** The model line as a name: what a batch does not accept becomes "_". */
export function identificationId(identification: string): string {
  return identification.replace(/[^\x21-\x7e]/g, "_").slice(0, 48) || "_";
}

function firstId(lines: readonly DataLine[], places: readonly string[]): string | null {
  for (const place of places) {
    const line = lines.find(({ id }) => (obisOf(id) ?? id) === place);
    const id = line === undefined ? null : decodeId(line.values[0] ?? "");
    if (id !== null) return id;
  }
  return null;
}

/**
 * Identifiers are octet strings in hexadecimal (DSMR 5.0.2 §6.4, S format). Bytes that are text are
 * read as text, without what makers pad it with; others stay as they were sent; all zeros means that
 * none was set.
 */
function decodeId(value: string): string | null {
  const sent = value.trim();
  if (sent.length > MAX_ID_DIGITS) return null;
  if (/^0*$/.test(sent) || !/^[\x21-\x7e]+$/.test(sent)) return null;
  if (/^(?:[0-9a-fA-F]{2})+$/.test(sent)) {
    const text = unpadded(Buffer.from(sent, "hex").toString("latin1"));
    if (/^[\x21-\x7e]{4,48}$/.test(text)) return /^0+$/.test(text) ? null : text;
  }
  return sent.length <= 48 ? sent : null;
}

/** Spaces at either end, zeros and FF behind: a number in binary may begin with zeros. */
function unpadded(text: string): string {
  return text.replace(/[\0\xff]+$/, "").trim();
}
