import assert from "node:assert/strict";
import type { ApiClient } from "@gridledger/protocol/api/client";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";

type Meter = RouteAnswer<"meters">["items"][number];
type Reading = RouteAnswer<"readings">["items"][number];

export async function listMeters(api: ApiClient): Promise<Meter[]> {
  return collect((cursor) => api.call("meters", { query: { limit: 500, ...cursor } }));
}

export async function listReadings(api: ApiClient, meter: string): Promise<Reading[]> {
  return collect((cursor) =>
    api.call("readings", { params: { meter }, query: { limit: 5_000, ...cursor } }),
  );
}

/** Every batch of the meter is there once, in order; answers how often each reading time is there. */
export async function checkMeter(api: ApiClient, meter: Meter): Promise<Map<number, number>> {
  const readings = await listReadings(api, meter.meter);
  const sequences = [...new Set(readings.map((reading) => reading.sequence))].sort((a, b) => a - b);
  const last = sequences.at(-1) ?? 0;
  assert.ok(last >= meter.sequence, `${meter.meter} goes back`);
  assert.deepEqual(
    sequences,
    Array.from({ length: last }, (_, i) => i + 1),
    `${meter.meter} misses a batch`,
  );
  const places = readings.map(({ timeMs, obis }) => `${timeMs} ${obis}`);
  assert.equal(new Set(places).size, places.length, `${meter.meter} has a reading twice`);
  const batches = new Map<number, Set<number>>();
  for (const { timeMs, sequence } of readings) {
    batches.set(timeMs, (batches.get(timeMs) ?? new Set()).add(sequence));
  }
  return new Map([...batches].map(([timeMs, inBatches]) => [timeMs, inBatches.size]));
}

async function collect<Item>(
  call: (cursor: { cursor?: string }) => Promise<{ items: Item[]; next: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | null | undefined;
  while (next !== null) {
    const page = await call(next === undefined ? {} : { cursor: next });
    items.push(...page.items);
    next = page.next;
  }
  return items;
}
