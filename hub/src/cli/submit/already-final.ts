import { Fault } from "@gridledger/protocol/faults";
import type { Hub } from "../hub/connect.ts";
import type { MeterReadings } from "./readings-file.ts";

const PAGE_LIMIT = 5_000;

export interface FinalTransaction {
  readonly hash: string;
  readonly state: "final";
  readonly height: number;
}

/**
 * The transactions that already hold every one of these readings; undefined where one is missing or
 * says otherwise. A file that is handed in twice does not become two batches.
 */
export async function findAlreadyFinal(
  hub: Hub,
  readings: MeterReadings,
): Promise<FinalTransaction[] | undefined> {
  const finals = await fetchFinals(hub, readings);
  const found = new Map<string, FinalTransaction>();
  for (const { obis, unit, scaler, values } of readings.registers) {
    for (const [i, value] of values.entries()) {
      const key = readingKey(readings.timesMs[i]!, obis, unit, value, scaler);
      const transaction = finals.get(key);
      if (transaction === undefined) return undefined;
      found.set(transaction.hash, transaction);
    }
  }
  return [...found.values()].sort((a, b) => a.height - b.height);
}

async function fetchFinals(
  hub: Hub,
  { meter, timesMs }: MeterReadings,
): Promise<Map<string, FinalTransaction>> {
  const from = timesMs.reduce((a, b) => Math.min(a, b));
  const to = timesMs.reduce((a, b) => Math.max(a, b));
  const finals = new Map<string, FinalTransaction>();
  let next: string | null | undefined;
  while (next !== null) {
    const cursor = next === undefined ? {} : { cursor: next };
    const page = await hub
      .call("readings", { params: { meter }, query: { from, to, limit: PAGE_LIMIT, ...cursor } })
      .catch((thrown: unknown) => {
        if (thrown instanceof Fault && thrown.code === "NOT_FOUND")
          return { items: [], next: null };
        throw thrown;
      });
    for (const { timeMs, obis, unit, value, scaler, txHash, height } of page.items) {
      const transaction = { hash: txHash, state: "final", height } as const;
      finals.set(readingKey(timeMs, obis, unit, value, scaler), transaction);
    }
    next = page.next;
  }
  return finals;
}

/** The same for 12.5 kWh and 12500 Wh. */
function readingKey(
  timeMs: number,
  obis: string,
  unit: string,
  value: number | null,
  scaler: number,
): string {
  let digits = value;
  let exponent = scaler;
  while (digits !== null && digits !== 0 && digits % 10 === 0) {
    digits /= 10;
    exponent++;
  }
  return [timeMs, obis, unit, digits, digits ? exponent : 0].join(" ");
}
