import type { Field, MomentField, NumberField } from "./field.ts";

/** What an energy or demand block counts, DL/T 645-2007 tables A.1 and A.2 by DI2. */
interface EnergyKind {
  readonly name: string;
  /** OBIS group C (IEC 62056-6-1 table 6); null where there is none. */
  readonly c: number | null;
  readonly unit: "W" | "var" | "VA";
  /** Combined energies may be negative: the top bit is the sign. */
  readonly isSigned: boolean;
}

const kinds: readonly EnergyKind[] = [
  { name: "combined active", c: 15, unit: "W", isSigned: true },
  { name: "forward active", c: 1, unit: "W", isSigned: false },
  { name: "reverse active", c: 2, unit: "W", isSigned: false },
  { name: "combined reactive 1", c: 3, unit: "var", isSigned: true },
  { name: "combined reactive 2", c: 4, unit: "var", isSigned: true },
  { name: "quadrant 1 reactive", c: 5, unit: "var", isSigned: false },
  { name: "quadrant 2 reactive", c: 6, unit: "var", isSigned: false },
  { name: "quadrant 3 reactive", c: 7, unit: "var", isSigned: false },
  { name: "quadrant 4 reactive", c: 8, unit: "var", isSigned: false },
  { name: "forward apparent", c: 9, unit: "VA", isSigned: false },
  { name: "reverse apparent", c: 10, unit: "VA", isSigned: false },
];

const MAX_TARIFF = 63;
/** Settlement days kept, table A.1: DI0 01 is the last one. */
const MAX_SETTLEMENT = 12;
const ALL = 0xff;
/** DI2 at which the phases' energies begin, and how far OBIS group C is moved for each. */
const phaseBlocks = [
  { firstDi2: 0x15, phase: "A", cOffset: 20 },
  { firstDi2: 0x29, phase: "B", cOffset: 40 },
  { firstDi2: 0x3d, phase: "C", cOffset: 60 },
];

const demandTime: MomentField = {
  kind: "moment",
  name: "time of maximum",
  parts: ["minute", "hour", "day", "month", "year"],
};

/** Fields of an energy DI (DI3 = 00) for `dataBytes` of answer; null for one not in the table. */
export function energyFields(di: number, dataBytes: number): Field[] | null {
  const kind = energyKind((di >>> 16) & 0xff);
  if (kind === null) return null;
  return (
    places(di, dataBytes, 4)?.map(([tariff, settlement]) =>
      energyField(kind, tariff, settlement),
    ) ?? null
  );
}

/** Fields of a maximum-demand DI (DI3 = 01): each value with the time at which it was reached. */
export function demandFields(di: number, dataBytes: number): Field[] | null {
  const kind = kinds[(di >>> 16) & 0xff];
  if (kind === undefined || kind.name === "combined active") return null;
  return (
    places(di, dataBytes, 8)?.flatMap(([tariff, settlement]) => [
      demandField(kind, tariff, settlement),
      demandTime,
    ]) ?? null
  );
}

function energyKind(di2: number): EnergyKind | null {
  const total = kinds[di2];
  if (total !== undefined) return total;
  for (const { firstDi2, phase, cOffset } of phaseBlocks) {
    // Phases have no combined active energy: the first is forward active.
    const kind = di2 >= firstDi2 ? kinds[di2 - firstDi2 + 1] : undefined;
    if (kind?.c != null)
      return { ...kind, name: `phase ${phase} ${kind.name}`, c: kind.c + cOffset };
  }
  return null;
}

/**
 * Tariff and settlement day of each value. DI1 = FF asks for the total and every tariff, DI0 = FF for
 * now and every settlement day; how many come is the meter's choice, so the length says it.
 */
function places(di: number, dataBytes: number, valueBytes: number): [number, number][] | null {
  const tariff = (di >>> 8) & 0xff;
  const settlement = di & 0xff;
  const isBlock = tariff === ALL || settlement === ALL;
  if (tariff === ALL && settlement === ALL) return null;
  const count = isBlock ? Math.floor(dataBytes / valueBytes) : 1;
  const last = {
    tariff: tariff === ALL ? count - 1 : tariff,
    settlement: settlement === ALL ? count - 1 : settlement,
  };
  if (last.tariff > MAX_TARIFF || last.settlement > MAX_SETTLEMENT) return null;
  return Array.from({ length: count }, (_, i) => [
    tariff === ALL ? i : tariff,
    settlement === ALL ? i : settlement,
  ]);
}

/** OBIS group F: 101 is the last billing period (IEC 62056-6-1 §6.2.3). */
function obis(c: number | null, d: number, tariff: number, settlement: number): string | null {
  if (c === null) return null;
  return `1-0:${c}.${d}.${tariff}${settlement === 0 ? "" : `*${100 + settlement}`}`;
}

function label(name: string, tariff: number, settlement: number): string {
  const which = tariff === 0 ? "total" : `tariff ${tariff}`;
  return `${name}, ${which}${settlement === 0 ? "" : `, settlement day −${settlement}`}`;
}

/** XXXXXX.XX kWh: four bytes, units of 10 Wh. */
function energyField(kind: EnergyKind, tariff: number, settlement: number): NumberField {
  return {
    kind: "number",
    name: label(`${kind.name} energy`, tariff, settlement),
    bytes: 4,
    isSigned: kind.isSigned,
    scaler: 1,
    unit: `${kind.unit}h`,
    obis: obis(kind.c, 8, tariff, settlement),
  };
}

/** XX.XXXX kW: three bytes, units of 0.1 W. */
function demandField(kind: EnergyKind, tariff: number, settlement: number): NumberField {
  return {
    kind: "number",
    name: label(`${kind.name} maximum demand`, tariff, settlement),
    bytes: 3,
    isSigned: kind.isSigned,
    scaler: -1,
    unit: kind.unit,
    obis: obis(kind.c, 6, tariff, settlement),
  };
}
