import type { Knex } from "knex";
import { placeOf, positionOf } from "../index/position.ts";
import type { CorrectionQueries } from "../index/query/correction-queries.ts";
import type { ReadingQueries } from "../index/query/reading-queries.ts";

/** Corrected values that are looked at, the newest. */
const VALUES = 200;
/** Readings on one side of a corrected one, until one is found that is not void. */
const NEIGHBOURS = 8;
/** On one side: what a correction moves beyond so many intervals, the next look at them finds. */
const MAX_INTERVALS = 96;
const MAX_BATCH_SPAN_MS = 86_400_000;

interface CorrectedIntervalsDeps {
  readonly store: { readonly read: Knex };
  readonly readings: Pick<ReadingQueries, "page">;
  readonly corrections: Pick<CorrectionQueries, "standing">;
  /** Of one interval. */
  readonly intervalMs: number;
}

/** An interval that was settled before a correction that moves it. */
export interface CorrectedInterval {
  readonly interval: number;
  /** Of the newest such correction. */
  readonly position: number;
}

interface ValueRow {
  readonly id: Buffer;
  readonly meter: string;
  readonly obis: string;
  readonly time_ms: number;
  readonly position: number;
}

/** Which settled intervals a correction has changed since: a border lies on the line between two readings. */
export class CorrectedIntervals {
  readonly #deps: CorrectedIntervalsDeps;
  /** First and last interval, by value and correction. */
  readonly #spans = new Map<string, readonly [number, number]>();

  constructor(deps: CorrectedIntervalsDeps) {
    this.#deps = deps;
  }

  /** Of readings from a time on; each interval once. */
  async since(fromMs: number): Promise<CorrectedInterval[]> {
    const found = new Map<number, number>();
    if (this.#spans.size > 20 * VALUES) this.#spans.clear();
    for (const row of await this.#values(fromMs)) {
      const [first, last] = await this.#spanOf(row);
      const before = positionOf(placeOf(Number(row.position)).height + 1, 0);
      const settled: { interval: number }[] = await this.#deps.store
        .read("market_settlements")
        .where({ meter: row.id })
        .whereBetween("interval", [first, last])
        .where("position", "<", before)
        .select("interval");
      for (const { interval } of settled) {
        const known = found.get(Number(interval)) ?? 0;
        found.set(Number(interval), Math.max(known, Number(row.position)));
      }
    }
    return [...found].map(([interval, position]) => ({ interval, position }));
  }

  async #values(fromMs: number): Promise<ValueRow[]> {
    return this.#deps.store
      .read("corrected_values as v")
      .join("corrections as c", (on) => on.on("c.meter", "v.meter").on("c.number", "v.number"))
      .join("market_meters as m", "m.name", "v.meter")
      .where("v.time_ms", ">=", fromMs)
      .orderBy("c.position", "desc")
      .limit(VALUES)
      .select("m.id", "v.meter", "v.obis", "v.time_ms", "c.position");
  }

  async #spanOf(row: ValueRow): Promise<readonly [number, number]> {
    const timeMs = Number(row.time_ms);
    const name = `${row.meter} ${row.obis} ${timeMs} ${row.position}`;
    const known = this.#spans.get(name);
    if (known !== undefined) return known;
    const at = Math.floor(timeMs / this.#deps.intervalMs);
    const before = await this.#neighbour(row, timeMs, "desc");
    const after = await this.#neighbour(row, timeMs, "asc");
    const span = [
      Math.max(at - MAX_INTERVALS, Math.floor((before ?? timeMs) / this.#deps.intervalMs) - 1),
      Math.min(at + MAX_INTERVALS, Math.floor((after ?? timeMs) / this.#deps.intervalMs)),
    ] as const;
    // What comes after it may still come.
    if (after !== undefined) this.#spans.set(name, span);
    return span;
  }

  /** The next reading on one side that stands. */
  async #neighbour(
    { meter, obis }: ValueRow,
    timeMs: number,
    order: "asc" | "desc",
  ): Promise<number | undefined> {
    const period =
      order === "asc"
        ? { fromMs: timeMs + 1, toMs: timeMs + MAX_BATCH_SPAN_MS }
        : { fromMs: Math.max(0, timeMs - MAX_BATCH_SPAN_MS), toMs: timeMs - 1 };
    const range = { meter, obis, ...period, order, limit: NEIGHBOURS, cursor: undefined };
    const { items } = await this.#deps.readings.page(range, MAX_BATCH_SPAN_MS);
    const standing = await this.#deps.corrections.standing(meter, period.fromMs, period.toMs);
    const voids = new Set(
      standing.filter((one) => one.obis === obis && one.status === "void").map((one) => one.timeMs),
    );
    return items.find((item) => !voids.has(item.timeMs) && item.value !== null)?.timeMs;
  }
}
