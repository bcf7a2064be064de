import { Fault } from "../faults.ts";

/** Units by their DLMS/COSEM number (IEC 62056-6-2 §4.3.2, table "unit"). Numbers are never reused. */
const unitByNumber: Readonly<Record<number, string>> = {
  8: "°",
  9: "°C",
  13: "m3",
  14: "m3(n)",
  25: "J",
  27: "W",
  28: "VA",
  29: "var",
  30: "Wh",
  31: "VAh",
  32: "varh",
  33: "A",
  35: "V",
  44: "Hz",
  7: "s",
  255: "",
};

const numberByUnit = new Map(
  Object.entries(unitByNumber).map(([number, unit]) => [unit, Number(number)]),
);

/** The unit's DLMS number. @throws Fault BATCH_SHAPE for a unit that has none here */
export function unitNumber(unit: string): number {
  const number = numberByUnit.get(unit);
  if (number === undefined) throw new Fault("BATCH_SHAPE", `no DLMS number for unit "${unit}"`);
  return number;
}

/** @throws Fault BATCH_SHAPE for a number that names no unit here */
export function unitName(number: number): string {
  const unit = unitByNumber[number];
  if (unit === undefined) throw new Fault("BATCH_SHAPE", `unknown unit number ${number}`);
  return unit;
}

/** `A-B:C.D.E*F` as six bytes (IEC 62056-6-1 §5); a missing F is 255. */
export function parseObis(text: string): Uint8Array {
  const match = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:[.*](\d{1,3}))?$/.exec(
    text,
  );
  const groups = match?.slice(1).map((group) => (group === undefined ? 255 : Number(group)));
  if (groups === undefined || groups.some((group) => group > 255)) {
    throw new Fault("BATCH_SHAPE", `not an OBIS code: "${text}"`);
  }
  return Uint8Array.from(groups);
}

/** The six bytes as `A-B:C.D.E`, with `*F` where F is not 255. */
export function formatObis(code: Uint8Array): string {
  const [a, b, c, d, e, f] = code;
  return `${a}-${b}:${c}.${d}.${e}${f === 255 ? "" : `*${f}`}`;
}
