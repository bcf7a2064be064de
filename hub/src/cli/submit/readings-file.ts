import { Fault } from "@gridledger/protocol/faults";
import type { RegisterColumn } from "@gridledger/protocol/metering/reading-batch";
import { z } from "zod";
import { decimalColumn, parseUnit } from "./decimal-column.ts";

/** Readings of one meter, not yet in batches. */
export interface MeterReadings {
  readonly meter: string;
  readonly timesMs: readonly number[];
  readonly registers: readonly RegisterColumn[];
}

const readingsShape = z.strictObject({
  meter: z.string().optional(),
  timesMs: z.array(z.number().int().nonnegative()).min(1),
  registers: z
    .array(
      z.strictObject({
        obis: z.string(),
        unit: z.string(),
        scaler: z.number().int(),
        values: z.array(z.number().int().nullable()),
      }),
    )
    .min(1),
});

/**
 * JSON as the API shows a batch: `{meter, timesMs, registers: [{obis, unit, scaler, values}]}`; its
 * units may have the prefixes that those of a CSV may have.
 *
 * @throws Fault BATCH_SHAPE
 */
export function parseReadingsJson(text: string, meterOption: string | undefined): MeterReadings {
  const checked = readingsShape.safeParse(parseJson(text));
  if (!checked.success) {
    const issue = checked.error.issues[0];
    throw new Fault("BATCH_SHAPE", `${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { timesMs, registers } = checked.data;
  return {
    meter: requireMeter(meterOption ?? checked.data.meter),
    timesMs,
    registers: registers.map(({ unit: written, scaler, ...register }) => {
      const { unit, exponent } = parseUnit(written);
      return { ...register, unit, scaler: scaler + exponent };
    }),
  };
}

/**
 * CSV with a header `time,1-0:1.8.0 kWh,1-0:2.8.0 kWh`: times in ISO 8601 with offset or Unix ms,
 * values as decimals, empty where there is none.
 *
 * @throws Fault BATCH_SHAPE, naming the line
 */
export function parseReadingsCsv(text: string, meterOption: string | undefined): MeterReadings {
  const meter = requireMeter(meterOption);
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const rows = lines.flatMap((line, i) =>
    line.trim() === ""
      ? []
      : [{ number: i + 1, cells: line.split(",").map((cell) => cell.trim()) }],
  );
  const [header, ...data] = rows;
  if (header === undefined || header.cells[0] !== "time" || header.cells.length < 2) {
    throw new Fault("BATCH_SHAPE", 'line 1 must be "time,<OBIS code> <unit>,…"');
  }
  if (data.length === 0) throw new Fault("BATCH_SHAPE", "there are no readings");
  const width = header.cells.length;
  const odd = data.find((row) => row.cells.length !== width);
  if (odd !== undefined) {
    throw new Fault(
      "BATCH_SHAPE",
      `line ${odd.number} has ${odd.cells.length} cells, not ${width}`,
    );
  }
  const registers = header.cells.slice(1).map((title, i) => {
    const [obis = "", unit = ""] = title.split(/\s+/);
    return decimalColumn(
      obis,
      unit,
      data.map((row) => row.cells[i + 1]!),
    );
  });
  return { meter, timesMs: data.map((row) => parseTime(row.cells[0]!, row.number)), registers };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault("BATCH_SHAPE", "the file is not JSON", { cause });
  }
}

function requireMeter(meter: string | undefined): string {
  if (meter === undefined) throw new Fault("USAGE_INVALID", "say which meter: --meter <name>");
  return meter;
}

function parseTime(text: string, line: number): number {
  if (/^\d+$/.test(text)) return Number(text);
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs) || !/(?:Z|[+-]\d\d:\d\d)$/.test(text)) {
    throw new Fault("BATCH_SHAPE", `line ${line}: "${text}" is not a time with its offset`);
  }
  return timeMs;
}
