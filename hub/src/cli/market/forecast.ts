import type { ApiClient } from "@gridledger/protocol/api/client";
import { TICK, TICKS } from "./demonstration-rules.ts";
import type { DemonstrationTrader } from "./demonstration-traders.ts";

const LOOK_BACK_MS = 60_000;
const READINGS = 200;
const HASH_STEP = 0x9e3779b1;

/** What a meter will take less what it will give in an interval, if it goes on as in the last minute. */
export async function forecastWh(
  client: ApiClient,
  { meter, taken, given }: Pick<DemonstrationTrader, "meter" | "taken" | "given">,
  intervalMs: number,
): Promise<number> {
  let netWhPerMs = 0;
  for (const [obis, sign] of [
    ...taken.map((code) => [code, 1] as const),
    ...given.map((code) => [code, -1] as const),
  ]) {
    const query = { obis, from: String(Date.now() - LOOK_BACK_MS), limit: String(READINGS) };
    const { items } = await client.call("readings", { params: { meter }, query });
    const points = items.filter(({ value, unit }) => value !== null && unit === "Wh");
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined || last.timeMs <= first.timeMs) continue;
    const wh = last.value! * 10 ** last.scaler - first.value! * 10 ** first.scaler;
    netWhPerMs += (sign * wh) / (last.timeMs - first.timeMs);
  }
  return Math.round(netWhPerMs * intervalMs);
}

/**
 * What somebody bids or asks: buyers 0.35 to 0.70 a kWh, sellers 0.25 to 0.55, drawn from the interval
 * so that a start again says the same.
 */
export function priceOf(name: string, interval: number, isBuy: boolean, part: number): number {
  let mixed = interval + part * 7_919;
  for (const letter of name) mixed = Math.imul(mixed ^ letter.charCodeAt(0), HASH_STEP) >>> 0;
  const [low, span] = isBuy ? [35, 35] : [25, 30];
  return Math.min(TICKS - 1, low + (mixed % span)) * TICK;
}
