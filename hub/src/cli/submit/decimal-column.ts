import { Fault } from "@gridledger/protocol/faults";
import { unitNumber } from "@gridledger/protocol/metering/obis";
import type { RegisterColumn } from "@gridledger/protocol/metering/reading-batch";

/** SI prefixes that a column's unit may have; the batch keeps them in its scaler. */
const prefixes: Readonly<Record<string, number>> = { m: -3, k: 3, M: 6, G: 9 };

/**
 * A register's column from decimal texts, exactly: "12.5" under "kWh" becomes 125 · 10^2 Wh. An empty
 * text is a value that the meter did not give.
 *
 * @throws Fault BATCH_SHAPE
 */
export function decimalColumn(
  obis: string,
  writtenUnit: string,
  texts: readonly string[],
): RegisterColumn {
  const { unit, exponent } = parseUnit(writtenUnit);
  const decimals = Math.max(0, ...texts.map((text) => text.split(".")[1]?.length ?? 0));
  const values = texts.map((text) => parseDecimal(obis, text, decimals));
  return { obis, unit, scaler: exponent - decimals, values };
}

/** A unit as people write it: "kWh" is 10^3 Wh. @throws Fault BATCH_SHAPE */
export function parseUnit(written: string): { readonly unit: string; readonly exponent: number } {
  if (isUnit(written)) return { unit: written, exponent: 0 };
  const exponent = prefixes[written.slice(0, 1)];
  const unit = written.slice(1);
  if (exponent !== undefined && unit !== "" && isUnit(unit)) return { unit, exponent };
  throw new Fault("BATCH_SHAPE", `unknown unit "${written}"`);
}

function isUnit(text: string): boolean {
  try {
    unitNumber(text);
    return true;
  } catch {
    return false;
  }
}

function parseDecimal(obis: string, text: string, decimals: number): number | null {
  if (text === "") return null;
  const match = /^([+-]?\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Fault("BATCH_SHAPE", `${obis}: "${text}" is not a decimal number`);
  const [, whole = "", fraction = ""] = match;
  const value = Number(`${whole}${fraction.padEnd(decimals, "0")}`);
  if (!Number.isSafeInteger(value)) {
    throw new Fault("BATCH_SHAPE", `${obis}: ${text} has too many digits`);
  }
  return value === 0 ? 0 : value;
}
