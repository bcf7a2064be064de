import { Fault } from "@gridledger/protocol/faults";
import type { CorrectionQueries } from "../../index/query/correction-queries.ts";
import type { MeterQueries } from "../../index/query/meter-queries.ts";
import type { ReadingQueries, StoredReading } from "../../index/query/reading-queries.ts";
import { parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly index: {
    readonly meters: Pick<MeterQueries, "byName">;
    readonly readings: Pick<ReadingQueries, "page">;
    readonly corrections: Pick<CorrectionQueries, "standing">;
  };
}

/** `from` and `to` are both inclusive. */
export function readings({ index }: Deps): Endpoint<"readings"> {
  return async ({ params, query }) => {
    const meter = await index.meters.byName(params.meter);
    if (meter === undefined) throw new Fault("NOT_FOUND", `no meter is called ${params.meter}`);
    const range = {
      meter: meter.meter,
      fromMs: timeOf(query.from) ?? 0,
      toMs: timeOf(query.to) ?? meter.lastTimeMs,
      obis: query.obis,
      order: query.order,
      limit: query.limit,
      cursor: query.cursor === undefined ? undefined : cursorOf(query.cursor),
    };
    const { items, next } = await index.readings.page(range, meter.maxSpanMs);
    return {
      items: await withCorrections(index.corrections, meter.meter, items),
      next: next === null ? null : `${next.lastMs}.${next.position}.${next.offset}`,
    };
  };
}

/** The reading as it was signed, and beside it what stands instead. */
async function withCorrections(
  corrections: Pick<CorrectionQueries, "standing">,
  meter: string,
  items: readonly StoredReading[],
) {
  const times = items.map(({ timeMs }) => timeMs).sort((a, b) => a - b);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return [];
  const rows = await corrections.standing(meter, first, last);
  const byPlace = new Map(
    rows.map(({ timeMs, obis, status, value, number, transaction }) => [
      `${timeMs} ${obis}`,
      { status, value, number, transaction },
    ]),
  );
  return items.map((item) => {
    return { ...item, correction: byPlace.get(`${item.timeMs} ${item.obis}`) ?? null };
  });
}

function timeOf(time: number | string | undefined): number | undefined {
  return typeof time === "string" ? Date.parse(time) : time;
}

function cursorOf(text: string): { lastMs: number; position: number; offset: number } {
  const [lastMs = 0, position = 0, offset = 0] = parseCursor(text, 3);
  return { lastMs, position, offset };
}
