import { InvalidArgumentError } from "commander";

/** A transaction's hash of the command line. */
export function parseHash(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError("Not 64 hexadecimal digits.");
  return text;
}

/** A meter's name of the command line. */
export function parseMeter(text: string): string {
  if (!/^[\x21-\x7e]{1,48}$/.test(text)) {
    throw new InvalidArgumentError("Not a meter's name: 1 to 48 ASCII characters without spaces.");
  }
  return text;
}

/** A time of the command line, in milliseconds. */
export function parseTime(text: string): number {
  const isNumber = /^\d+$/.test(text);
  const timeMs = isNumber ? Number(text) : Date.parse(text);
  const hasOffset = isNumber || /(?:Z|[+-]\d\d:\d\d)$/.test(text);
  if (Number.isSafeInteger(timeMs) && hasOffset) return timeMs;
  throw new InvalidArgumentError("Not a time: ISO 8601 with offset, or Unix milliseconds.");
}
