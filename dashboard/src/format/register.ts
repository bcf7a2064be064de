import { words } from "../state/language.ts";
import { formatDecimal } from "./number.ts";

/** The units the field reads in thousands; every other unit is shown as the meter sends it. */
const shownUnits: Readonly<Record<string, string>> = {
  Wh: "kWh",
  varh: "kvarh",
  VAh: "kVAh",
  W: "kW",
  var: "kvar",
  VA: "kVA",
};

const powerOfEnergy: Readonly<Record<string, string>> = { Wh: "W", varh: "var", VAh: "VA" };

export interface Quantity {
  readonly value: number;
  readonly decimals: number;
  readonly unit: string;
}

export function isEnergy(unit: string): boolean {
  return unit in powerOfEnergy;
}

export function shownUnit(unit: string): string {
  return shownUnits[unit] ?? unit;
}

/** What a register value `value · 10^scaler unit` is in the shown unit, with every digit it has. */
export function quantity(value: number, scaler: number, unit: string): Quantity {
  const exponent = scaler - (unit in shownUnits ? 3 : 0);
  return {
    value: exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent,
    decimals: Math.max(0, -exponent),
    unit: shownUnit(unit),
  };
}

/** The mean power between two energy readings, in kW, kvar or kVA. */
export function meanPower(energy: number, scaler: number, unit: string, ms: number): Quantity {
  const kiloPerHour = quantity(energy, scaler, unit).value;
  return {
    value: (kiloPerHour * 3_600_000) / ms,
    decimals: 3,
    unit: shownUnit(powerOfEnergy[unit] ?? unit),
  };
}

export function formatQuantity({ value, decimals, unit }: Quantity): string {
  const number = formatDecimal(value, decimals);
  return unit === "" ? number : `${number} ${unit}`;
}

/** The register's name in the field's words, by C.D of its OBIS code (IEC 62056-6-1 §5.5); the code where it has none. */
export function registerName(obis: string): string {
  const [, c = "", d = "", e = ""] = /:(\d+)\.(\d+)\.(\d+)/.exec(obis) ?? [];
  const name = quantityName(c, d);
  if (name === null) return obis;
  return e === "0" ? name : words.value.obis.tariff(name, e);
}

function quantityName(c: string, d: string): string | null {
  const names = words.value.obis;
  const perPhase = /^([357])([12])$/.exec(c);
  if (perPhase !== null && d === "7") {
    const phase = names.phases[(Number(perPhase[1]) - 3) / 2] ?? c;
    return perPhase[2] === "1" ? names.current(phase) : names.voltage(phase);
  }
  const byCode: Readonly<Record<string, string>> = {
    "1.8": names.activeImport,
    "2.8": names.activeExport,
    "3.8": names.reactiveImport,
    "4.8": names.reactiveExport,
    "1.7": names.powerImport,
    "2.7": names.powerExport,
    "3.7": names.reactivePowerImport,
    "4.7": names.reactivePowerExport,
    "16.7": names.powerSum,
    "13.7": names.powerFactor,
    "14.7": names.frequency,
  };
  return byCode[`${c}.${d}`] ?? null;
}

/** What people look for first: active energy, then active power, then everything else of electricity. */
const interest = [
  /^1-\d+:1\.8\.0$/,
  /^1-\d+:1\.8\.\d+$/,
  /^1-\d+:2\.8\.\d+$/,
  /^1-\d+:[12]\.7\.0$/,
  /^1-/,
];

/** Active power as the meter measures it, which no averaging of energy reaches. */
export function isActivePower({ obis }: { readonly obis: string }): boolean {
  return /^1-\d+:(1|16)\.7\.0$/.test(obis);
}

/** Registers with the most looked for first, otherwise by their code. */
export function byInterest<Register extends { readonly obis: string }>(
  registers: readonly Register[],
): Register[] {
  const rank = (obis: string) => {
    const found = interest.findIndex((pattern) => pattern.test(obis));
    return found < 0 ? interest.length : found;
  };
  return [...registers].sort(
    (a, b) => rank(a.obis) - rank(b.obis) || a.obis.localeCompare(b.obis, "en", { numeric: true }),
  );
}
