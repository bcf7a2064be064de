import { unfit } from "./unfit.ts";

const MAX_DEPTH = 100;
const token = /\s*(?:([{}[\],:])|("[^"\\]*(?:\\.[^"\\]*)*")|(-?\d[\d.eE+-]*)|(true|false|null))/gy;

/** RFC 8785: keys in the order of their UTF-16 units, numbers as ECMAScript writes them, no spaces. */
export function canonicalJson(text: string): string {
  checkTokens(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return unfit(`not JSON: ${(cause as Error).message}`);
  }
  return written(value);
}

function written(value: unknown): string {
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) unfit("a text is not Unicode");
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${written(key)}:${written(inner)}`).join(",")}}`;
}

/**
 * What `JSON.parse` would swallow: a key that stands twice keeps its last value, and a number of too many
 * digits becomes another one. Neither may happen to what is put under a signature.
 */
function checkTokens(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let last = "";
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, mark, string, number] = match;
    if (mark !== undefined) takeMark(open, mark, last);
    if (number !== undefined) checkNumber(number);
    last = string ?? "";
  }
}

/** @param open keys so far of each object around the place; undefined for a list */
function takeMark(open: (Set<string> | undefined)[], mark: string, last: string): void {
  if (mark === ":") addKey(open.at(-1), last);
  else if (mark === "{" || mark === "[") open.push(mark === "{" ? new Set() : undefined);
  else if (mark !== ",") open.pop();
  if (open.length > MAX_DEPTH) unfit(`deeper than ${MAX_DEPTH}`);
}

function addKey(keys: Set<string> | undefined, quoted: string): void {
  let key: string;
  try {
    key = JSON.parse(quoted);
  } catch {
    return; // JSON.parse of the whole says what is wrong
  }
  if (keys?.has(key)) unfit(`the key ${quoted} stands twice in one object`);
  keys?.add(key);
}

function checkNumber(text: string): void {
  const value = Number(text);
  if (!Number.isFinite(value)) unfit(`${text} is no number that JSON readers agree on`);
  if (digitsOf(text) === digitsOf(String(value))) return;
  unfit(`${text} has more digits than JSON readers keep: write it as a text`);
}

/** Those that count, without the zeros around them. */
function digitsOf(number: string): string {
  const [mantissa = ""] = number.toLowerCase().split("e");
  return mantissa.replace(/[-.]/g, "").replace(/^0+|0+$/g, "");
}
