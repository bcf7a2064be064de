const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;
const MAX_SHOWN_POWER = 40;
const SPECIAL: ReadonlyMap<string, string> = new Map([
  ["nan", "NaN"],
  ["infinity", "Infinity"],
  ["inf", "Infinity"],
  ["+infinity", "Infinity"],
  ["-infinity", "-Infinity"],
  ["-inf", "-Infinity"],
]);

/**
 * A decimal number's one text: digits without zeros at either end, and the power of ten. `-12.50`,
 * `-1250e-2` and `-12.5` are `-125e-1`, and so are they on every database. Nothing is rounded.
 * Undefined where the text is no number.
 */
export function normaliseDecimal(text: string): string | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return SPECIAL.get(text.toLowerCase());
  const [, sign = "", whole = "", fraction = "", power = "0"] = match;
  const all = whole + fraction;
  if (all === "") return undefined;
  const digits = trimZeros(all);
  if (digits === "") return "0";
  const trailing = all.length - lastDigit(all) - 1;
  const exponent = Number(power) - fraction.length + trailing;
  return `${sign === "-" ? "-" : ""}${digits}${exponent === 0 ? "" : `e${exponent}`}`;
}

/** The number as people write it, where its power of ten is not too far off: `625e-2` is 6.25. */
export function plainDecimal(text: string): string {
  const [, sign = "", digits = "", power = "0"] = /^(-?)(\d+)(?:e(-?\d+))?$/.exec(text) ?? [];
  const exponent = Number(power);
  if (digits === "" || Math.abs(exponent) > MAX_SHOWN_POWER) return text;
  if (exponent >= 0) return `${sign}${digits}${"0".repeat(exponent)}`;
  const padded = digits.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

function trimZeros(digits: string): string {
  let first = 0;
  while (digits[first] === "0") first++;
  return digits.slice(first, lastDigit(digits) + 1);
}

/** Place of the last digit that is not zero; loops instead of a pattern, which could take n² steps. */
function lastDigit(digits: string): number {
  let last = digits.length - 1;
  while (digits[last] === "0") last--;
  return last;
}
