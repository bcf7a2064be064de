import { formatDecimal } from "./number.ts";

/** The market counts in ten-thousandths (docs/market.md). */
const UNITS = 10_000;

/** Smallest units as people read them: 5200 is 0.5200. */
export function formatMoney(units: number | string): string {
  return formatDecimal(Number(units) / UNITS, 4);
}

/** 412 Wh · 1.250 kWh. */
export function formatEnergy(wh: number): string {
  const isSmall = Math.abs(wh) < 10_000;
  return isSmall ? `${formatDecimal(wh, 0)} Wh` : `${formatDecimal(wh / 1_000, 1)} kWh`;
}
