import type { Field, NumberField } from "./field.ts";

type Format = Pick<NumberField, "bytes" | "isSigned" | "scaler" | "unit">;

/** A quantity that is read per phase, DL/T 645-2007 table A.3 by DI2; OBIS codes by DI1. */
interface PhaseQuantity extends Format {
  readonly name: string;
  /** Voltages, currents and angles have no total: their blocks begin with phase A. */
  readonly hasTotal: boolean;
  /** By DI1: 00 (total), 01, 02, 03. */
  readonly obis: readonly (string | null)[];
}

const power = { bytes: 3, isSigned: true, scaler: -1 };
const percent = { bytes: 2, isSigned: false, scaler: -2, unit: "%" };

const phaseQuantities: Readonly<Record<number, PhaseQuantity>> = {
  1: {
    name: "voltage",
    hasTotal: false,
    bytes: 2,
    isSigned: false,
    scaler: -1,
    unit: "V",
    obis: [null, "1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0"],
  },
  2: {
    name: "current",
    hasTotal: false,
    bytes: 3,
    isSigned: true,
    scaler: -3,
    unit: "A",
    obis: [null, "1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0"],
  },
  3: {
    name: "active power",
    hasTotal: true,
    ...power,
    unit: "W",
    obis: ["1-0:16.7.0", "1-0:36.7.0", "1-0:56.7.0", "1-0:76.7.0"],
  },
  4: {
    name: "reactive power",
    hasTotal: true,
    ...power,
    unit: "var",
    obis: ["1-0:3.7.0", "1-0:23.7.0", "1-0:43.7.0", "1-0:63.7.0"],
  },
  5: {
    name: "apparent power",
    hasTotal: true,
    ...power,
    unit: "VA",
    obis: ["1-0:9.7.0", "1-0:29.7.0", "1-0:49.7.0", "1-0:69.7.0"],
  },
  6: {
    name: "power factor",
    hasTotal: true,
    bytes: 2,
    isSigned: true,
    scaler: -3,
    unit: "",
    obis: ["1-0:13.7.0", "1-0:33.7.0", "1-0:53.7.0", "1-0:73.7.0"],
  },
  7: {
    name: "phase angle",
    hasTotal: false,
    bytes: 2,
    isSigned: false,
    scaler: -1,
    unit: "°",
    obis: [null, "1-0:81.7.40", "1-0:81.7.51", "1-0:81.7.62"],
  },
  8: { name: "voltage distortion", hasTotal: false, ...percent, obis: [null, null, null, null] },
  9: { name: "current distortion", hasTotal: false, ...percent, obis: [null, null, null, null] },
};

/** DI 028000NN by NN. */
const singles: Readonly<Record<number, Format & { name: string; obis: string | null }>> = {
  1: {
    name: "neutral current",
    bytes: 3,
    isSigned: true,
    scaler: -3,
    unit: "A",
    obis: "1-0:91.7.0",
  },
  2: { name: "frequency", bytes: 2, isSigned: false, scaler: -2, unit: "Hz", obis: "1-0:14.7.0" },
  3: { name: "active power, one-minute mean", ...power, unit: "W", obis: null },
  4: { name: "active demand", ...power, unit: "W", obis: "1-0:1.4.0" },
  5: { name: "reactive demand", ...power, unit: "var", obis: "1-0:3.4.0" },
  6: { name: "apparent demand", ...power, unit: "VA", obis: "1-0:9.4.0" },
  7: {
    name: "temperature inside",
    bytes: 2,
    isSigned: true,
    scaler: -1,
    unit: "°C",
    obis: "0-0:96.9.0",
  },
  8: {
    name: "clock battery voltage",
    bytes: 2,
    isSigned: false,
    scaler: -2,
    unit: "V",
    obis: "0-0:96.6.3",
  },
  9: {
    name: "reading battery voltage",
    bytes: 2,
    isSigned: false,
    scaler: -2,
    unit: "V",
    obis: null,
  },
};

const ALL = 0xff;
const phaseNames = ["total", "phase A", "phase B", "phase C"];

/** Fields of an instantaneous DI (DI3 = 02) for `dataBytes` of answer; null for one not in the table. */
export function instantFields(di: number, dataBytes: number): Field[] | null {
  const di2 = (di >>> 16) & 0xff;
  const di1 = (di >>> 8) & 0xff;
  const di0 = di & 0xff;
  if (di2 === 0x80) {
    const single = di1 === 0 ? singles[di0] : undefined;
    return single === undefined ? null : [{ kind: "number", ...single }];
  }
  const quantity = di0 === 0 ? phaseQuantities[di2] : undefined;
  return quantity === undefined ? null : phaseFields(quantity, di1, dataBytes);
}

function phaseFields(quantity: PhaseQuantity, di1: number, dataBytes: number): Field[] | null {
  const lowest = quantity.hasTotal ? 0 : 1;
  const first = di1 === ALL ? lowest : di1;
  if (first < lowest || first > 3) return null;
  const count = di1 === ALL ? Math.floor(dataBytes / quantity.bytes) : 1;
  if (first + count > phaseNames.length) return null;
  const { name, obis, hasTotal: _, ...format } = quantity;
  return Array.from({ length: count }, (_, i) => ({
    kind: "number",
    ...format,
    name: `${name}, ${phaseNames[first + i]}`,
    obis: obis[first + i] ?? null,
  }));
}
