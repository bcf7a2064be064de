import { der } from "../crypto/der.ts";
import { type Asn1Reader, malformed } from "./asn1-reader.ts";
import { tag } from "./asn1-writer.ts";

const FIRST_GENERALIZED_YEAR = 2050;
const pad = (value: number, width = 2) => String(value).padStart(width, "0");

/**
 * A time in whole seconds: UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5).
 * Milliseconds are cut off.
 */
export function encodeTime(timeMs: number): Uint8Array {
  const date = new Date(timeMs);
  const year = date.getUTCFullYear();
  const rest = [
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ]
    .map((part) => pad(part))
    .join("");
  return year < FIRST_GENERALIZED_YEAR
    ? der(tag.utcTime, Buffer.from(`${pad(year % 100)}${rest}Z`))
    : der(tag.generalizedTime, Buffer.from(`${pad(year, 4)}${rest}Z`));
}

/** @throws Fault PKI_MALFORMED for every text that `encodeTime` would not write */
export function readTime(reader: Asn1Reader): number {
  const isShort = reader.peek() === tag.utcTime;
  const encoded = reader.element();
  const text = Buffer.from(encoded.subarray(2)).toString("latin1");
  const century = Number(text.slice(0, 2)) < 50 ? "20" : "19"; // RFC 5280 §4.1.2.5.1
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(isShort ? century + text : text);
  if (parts === null) throw malformed("not a time");
  const [year = 0, month = 0, ...rest] = parts.slice(1).map(Number);
  const timeMs = Date.UTC(year, month - 1, ...rest);
  // Also refuses 30 February, second 60 and the other kind of time.
  if (Buffer.compare(encodeTime(timeMs), encoded) !== 0) throw malformed("not a time");
  return timeMs;
}
