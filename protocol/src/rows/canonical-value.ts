import { Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { ColumnType } from "./column-types.ts";
import { normaliseDecimal } from "./decimal.ts";
import { canonicalDate, canonicalInstant, canonicalTime, canonicalTimestamp } from "./times.ts";

/** A value in its one form: text, or bytes of a `bytes` column; null is NULL. */
export type CanonicalValue = string | Uint8Array | null;

const INTEGER = /^[+-]?\d{1,4096}$/;
const LONE_SURROGATE = /\p{Cs}/u;
const NAMED: readonly string[] = ["NaN", "Infinity", "-Infinity"];
const UUID = /^[0-9a-f]{32}$/;
const TRUE: readonly unknown[] = [true, 1, 1n, "1", "t", "true"];
const FALSE: readonly unknown[] = [false, 0, 0n, "0", "f", "false"];

/**
 * What a database driver gave, in the form that is hashed: one value has one form, on SQLite,
 * PostgreSQL, MySQL and MariaDB (ADR 030). Times and decimals come as text: a driver's own objects
 * have lost digits or zones already.
 *
 * @throws Fault ROW_VALUE where it is none of this type
 */
export function canonicalValue(type: ColumnType, given: unknown): CanonicalValue {
  if (given === null || given === undefined) return null;
  const value = forms[type](given);
  if (value !== undefined) return value;
  throw new Fault("ROW_VALUE", `a value of type ${typeof given} is no ${type}`);
}

type Form = (given: unknown) => CanonicalValue | undefined;

const forms: Readonly<Record<ColumnType, Form>> = {
  integer(given) {
    const text = textOf(given);
    return text !== undefined && INTEGER.test(text) ? BigInt(text).toString() : undefined;
  },
  decimal(given) {
    const text = textOf(given);
    return text === undefined ? undefined : normaliseDecimal(text);
  },
  float: (given) => floatOf(given, (number) => number),
  float32: (given) => floatOf(given, Math.fround),
  text: (given) => (isText(given) ? given : undefined),
  char: (given) => (isText(given) ? trimEndSpaces(given) : undefined),
  bytes: (given) => (given instanceof Uint8Array ? given : undefined),
  boolean(given) {
    const one = given instanceof Uint8Array && given.length === 1 ? given[0] : given; // BIT(1)
    if (TRUE.includes(one)) return "1";
    return FALSE.includes(one) ? "0" : undefined;
  },
  date: (given) => (isText(given) ? canonicalDate(given) : undefined),
  time: (given) => (isText(given) ? canonicalTime(given) : undefined),
  timestamp: (given) => (isText(given) ? canonicalTimestamp(given) : undefined),
  timestamptz: (given) => (isText(given) ? canonicalInstant(given) : undefined),
  json: (given) => (isText(given) ? canonicalJson(given) : undefined),
  uuid(given) {
    const text =
      given instanceof Uint8Array ? formatHex(given) : isText(given) ? given.toLowerCase() : "";
    const digits = text.replaceAll("-", "");
    return UUID.test(digits) ? digits : undefined;
  },
};

/** A lone surrogate has no UTF-8: two of them would hash as one. */
function isText(given: unknown): given is string {
  return typeof given === "string" && !LONE_SURROGATE.test(given);
}

/** Digits of a number; a JavaScript number only where it still is the number that was stored. */
function textOf(given: unknown): string | undefined {
  if (typeof given === "string") return given.trim();
  if (typeof given === "bigint") return given.toString();
  if (typeof given !== "number") return undefined;
  return Number.isInteger(given) && !Number.isSafeInteger(given) ? undefined : String(given);
}

/** ECMA-262 §6.1.6.1.20: the shortest text that is read as the same number. 0 and −0 are equal in SQL. */
function floatOf(given: unknown, round: (number: number) => number): string | undefined {
  const text = typeof given === "number" ? String(given) : textOf(given);
  const decimal = text === undefined ? undefined : normaliseDecimal(text);
  if (decimal === undefined) return undefined;
  const number = round(Number(decimal));
  // 1e400 is none of these numbers, and it is not the infinity to which it would be rounded.
  if (!Number.isFinite(number) && !NAMED.includes(decimal)) return undefined;
  return Object.is(number, -0) ? "0" : String(number);
}

function trimEndSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === " ") end--;
  return text.slice(0, end);
}
