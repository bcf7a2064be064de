import { z } from "zod";
import { correctedValue, standingCorrection } from "./correction-contract.ts";
import { decimal } from "./decimal.ts";
import { proof } from "./proof-contract.ts";
import {
  count,
  height,
  hex32,
  identityHex,
  meterName,
  page,
  pageQuery,
  time,
  timeMs,
} from "./shapes.ts";

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
  /** "open": as the values stand now · "resolved" by a correction · "brought" by one. */
  state: z.enum(["open", "resolved", "brought"]),
  correction: z.object({ number: count, transaction: hex32 }).nullable(),
});

const meter = z.object({
  meter: z.string(),
  owner: identityHex,
  ownerName: z.string().nullable(),
  sequence: z.number().int(),
  readings: z.number().int(),
  firstTimeMs: timeMs,
  lastTimeMs: timeMs,
  registers: z.array(z.object({ obis: z.string(), unit: z.string() })),
});

const reading = z.object({
  timeMs,
  obis: z.string(),
  unit: z.string(),
  /** The value is `value · 10^scaler unit`; null where the meter gave none. */
  value: z.number().int().nullable(),
  scaler: z.number().int(),
  sequence: z.number().int(),
  height,
  txHash: hex32,
  /** What stands instead, where the reading was corrected; the reading is as it was signed. */
  correction: standingCorrection.nullable(),
});

export const meterContract = {
  meters: {
    summary: "Meters by name",
    query: pageQuery.extend({ cursor: meterName.optional() }),
    answer: page(meter),
  },
  readings: {
    summary: "Readings of one meter by time",
    params: z.object({ meter: meterName }),
    query: pageQuery.extend({
      limit: decimal(z.number().int().min(1).max(5_000)).default(500),
      from: time.optional(),
      to: time.optional(),
      obis: z.string().max(32).optional(),
      order: z.enum(["asc", "desc"]).default("asc"),
    }),
    answer: page(reading),
  },
  readingProof: {
    summary: "Inclusion proof of one reading",
    params: z.object({ meter: meterName, timeMs: decimal(timeMs) }),
    answer: proof,
  },
  completeness: {
    summary: "Which intervals of a period a meter has readings of, and what is odd about them",
    params: z.object({ meter: meterName }),
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
      /** What stands instead of readings of the period. */
      corrected: z.array(correctedValue),
    }),
  },
} as const;
