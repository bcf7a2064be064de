import { z } from "zod";
import { decimal } from "./decimal.ts";

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
const timeMs = z.number().int().nonnegative();
const time = z.union([decimal(timeMs), z.iso.datetime({ offset: true })]);

const batch = z.object({
  sequence: count,
  height: count,
  transaction: hex32,
  /** Hash of its payload, which the next batch names. */
  payloadHash: hex32,
  firstTimeMs: timeMs,
  lastTimeMs: timeMs,
  readings: count,
});

const finding = z.object({
  kind: z.enum([
    ...(["backwards", "swapped", "sentinel", "clock-ahead", "late", "gap", "duplicate"] as const),
  ]),
  timeMs,
  obis: z.string().nullable(),
  value: z.number().nullable(),
  before: z.number().nullable(),
  height: count,
  transaction: hex32,
});

export const meterContract = {
  completeness: {
    summary: "Which intervals of a period a meter has readings of, and what is odd about them",
    params: z.object({ meter: z.string().regex(/^[\x21-\x7e]{1,48}$/) }),
    query: z.object({
      from: time.optional(),
      to: time.optional(),
      /** Of one interval; else the usual one of the readings. */
      intervalMs: decimal(z.number().int().min(1).max(31_622_400_000)).optional(),
    }),
    answer: z.object({
      meter: z.string(),
      fromMs: timeMs,
      toMs: timeMs,
      /** Null where there are too few readings to know it. */
      intervalMs: count.nullable(),
      expected: count,
      present: count,
      missing: z.array(z.object({ fromMs: timeMs, toMs: timeMs, intervals: count })),
      /** Without gap in number and hash, from the last batch before the period to the first after it. */
      batches: z.array(batch),
      findings: z.array(finding),
    }),
  },
} as const;
