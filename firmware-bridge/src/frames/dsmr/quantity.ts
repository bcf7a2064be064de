/** A number with its DLMS unit: `value · 10^scaler unit`. */
export interface Quantity {
  readonly value: number;
  readonly scaler: number;
  readonly unit: string;
}

/** What a P1 unit is in DLMS units (IEC 62056-6-2): the unit and a power of ten. */
const units: Readonly<Record<string, readonly [unit: string, scaler: number]>> = {
  wh: ["Wh", 0],
  kwh: ["Wh", 3],
  mwh: ["Wh", 6],
  varh: ["varh", 0],
  kvarh: ["varh", 3],
  mvarh: ["varh", 6],
  vah: ["VAh", 0],
  kvah: ["VAh", 3],
  w: ["W", 0],
  kw: ["W", 3],
  var: ["var", 0],
  kvar: ["var", 3],
  va: ["VA", 0],
  kva: ["VA", 3],
  v: ["V", 0],
  kv: ["V", 3],
  a: ["A", 0],
  hz: ["Hz", 0],
  j: ["J", 0],
  mj: ["J", 6],
  gj: ["J", 9],
  m3: ["m3", 0],
  dm3: ["m3", -3],
  l: ["m3", -3],
  nm3: ["m3(n)", 0],
  s: ["s", 0],
  c: ["°C", 0],
};

/** `decimal*unit` (IEC 62056-21 §6.5); null where it is not one or the unit is not known. */
export function parseQuantity(text: string): Quantity | null {
  const [, decimal, unit] = /^([^*]+)\*([A-Za-z0-9]{1,8})$/.exec(text) ?? [];
  return decimal === undefined || unit === undefined ? null : quantityOf(decimal, unit);
}

export function quantityOf(decimal: string, unitText: string): Quantity | null {
  const known = Object.hasOwn(units, unitText.toLowerCase())
    ? units[unitText.toLowerCase()]
    : undefined;
  const number = parseDecimal(decimal);
  if (known === undefined || number === null) return null;
  const [unit, scaler] = known;
  return { value: number.value, scaler: scaler - number.decimals, unit };
}

/** A ratio without a unit, such as a power factor. */
export function parseRatio(text: string): Quantity | null {
  const number = parseDecimal(text);
  return number === null ? null : { value: number.value, scaler: -number.decimals, unit: "" };
}

/** A plain count without a unit. */
export function parseCount(text: string): Quantity | null {
  return /^\d{1,10}$/.test(text) ? { value: Number(text), scaler: 0, unit: "" } : null;
}

function parseDecimal(text: string): { value: number; decimals: number } | null {
  const match = /^([+-]?)(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) return null;
  const [, sign, whole = "", fraction = ""] = match;
  const magnitude = Number(whole + fraction);
  if (magnitude > 2 ** 52) return null; // differences of two such values stay safe integers
  return {
    value: sign === "-" && magnitude > 0 ? -magnitude : magnitude,
    decimals: fraction.length,
  };
}
