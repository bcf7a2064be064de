import { Fault } from "@gridledger/protocol/faults";
import type { MeterQueries } from "../../index/query/meter-queries.ts";
import type { ReadingQueries } from "../../index/query/reading-queries.ts";
import { parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly index: {
    readonly meters: Pick<MeterQueries, "byName">;
    readonly readings: Pick<ReadingQueries, "page">;
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
      items,
      next: next === null ? null : `${next.lastMs}.${next.position}.${next.offset}`,
    };
  };
}

function timeOf(time: number | string | undefined): number | undefined {
  return typeof time === "string" ? Date.parse(time) : time;
}

function cursorOf(text: string): { lastMs: number; position: number; offset: number } {
  const [lastMs = 0, position = 0, offset = 0] = parseCursor(text, 3);
  return { lastMs, position, offset };
}
