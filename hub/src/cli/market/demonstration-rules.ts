/** Smallest units of money in one of what people count in. */
const UNITS = 10_000;
const money = (amount: number): bigint => BigInt(Math.round(amount * UNITS));

/** Prices in hundredths up to 0.99 a kWh. */
export const TICK = 100;
export const TICKS = 100;

/** Rules of a market in which an interval is a minute, so that somebody who looks sees it live. */
export function demonstrationRules(balancing: `0x${string}`) {
  return {
    tick: BigInt(TICK),
    ticks: TICKS,
    maxOrders: 8,
    maxQuantityWh: 1_000_000,
    gateMs: 5_000,
    horizon: 2,
    deadlineMs: 120_000,
    keptMs: 10_800_000n,
    utcOffsetMinutes: 480,
    balancing,
  };
}

/** What is missing is dear, and dearer by day; what is too much is worth little. */
export const shortfallTariff = [
  { fromMinute: 0, price: money(0.6) },
  { fromMinute: 480, price: money(0.95) },
  { fromMinute: 1_320, price: money(0.6) },
];
export const surplusTariff = [{ fromMinute: 0, price: money(0.1) }];
