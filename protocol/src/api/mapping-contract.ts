import { z } from "zod";
import { rowProof } from "./proof-contract.ts";
import { count, limit, timeMs } from "./shapes.ts";

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const column = z.string().min(1).max(256);
const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const key = z.string().min(1).max(4_096);
const types = [
  ...(["integer", "decimal", "float", "float32", "text", "char", "bytes", "boolean"] as const),
  ...(["date", "time", "timestamp", "timestamptz", "json", "uuid"] as const),
] as const;
const classification = z.enum(["public", "internal", "confidential", "secret"]);

const catalogueFacts = z.object({
  title: z.string().max(200),
  owner: z.string().max(200),
  classification,
  retentionDays: z.number().int().positive().nullable(),
});

const mapping = z.object({
  id,
  name,
  database: z.string(),
  table: z.string(),
  /** "working", "paused" until somebody resumes it, "trouble" while it tries again by itself. */
  state: z.enum(["working", "paused", "trouble"]),
  problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
  /** True where the hub's account could change the table: it needs the right to read alone. */
  accountMayWrite: z.boolean().nullable(),
  catalogue: catalogueFacts,
  /** Rows of the table when it was looked at last; null before. */
  tableRows: count.nullable(),
  /** Rows that are in an anchored batch. */
  mappedRows: count,
  /** Rows whose anchor is final and that are not reported: each has its proof. */
  provableRows: count,
  /** Share of the table's rows that is provable, 0 to 1; null before the first look. */
  coverage: z.number().min(0).max(1).nullable(),
  batches: count,
  /** Time of the block with the last anchor. */
  anchoredMs: timeMs.nullable(),
  lastRunMs: timeMs.nullable(),
  lastSweepMs: timeMs.nullable(),
  findings: count,
  /** A change behind our back is found within this; guide §9.4. */
  detectWithinMs: timeMs.nullable(),
});

const detail = mapping.extend({
  key: z.array(z.object({ name: column, type: z.enum(types) })),
  columns: z.array(z.object({ name: column, type: z.enum(types) })),
  watermark: column.nullable(),
  saltsPerColumn: z.boolean(),
  rowsPerSecond: count,
  runEveryMs: count,
  sweepEveryMs: count,
  sampleRows: count,
  /** A sweep that has not ended. */
  sweeping: z.object({ startedMs: timeMs, rows: count }).nullable(),
});

const finding = z.object({
  id: count,
  key: z.string(),
  kind: z.enum(["changed", "deleted", "inserted", "swapped"]),
  columns: z.array(column),
  /** The change lies between these two. */
  sinceMs: timeMs,
  foundMs: timeMs,
  settledMs: timeMs.nullable(),
  settledHow: z.enum(["restored", "declared"]).nullable(),
  /** JSON: leaf, path and anchor of how it was, hash of how it is. */
  evidence: z.string(),
});

const byId = z.object({ id });
const milliseconds = z.number().int().min(1_000).max(2_592_000_000);

/** Routes about tables of other databases, guide §9.2–9.4. */
export const mappingContract = {
  mappings: {
    summary: "Tables of other databases that are mapped",
    answer: z.object({ items: z.array(mapping) }),
  },
  databases: {
    summary: "Databases that this hub may read, by name alone",
    answer: z.object({ items: z.array(z.object({ name: z.string(), kind: z.string() })) }),
  },
  addMapping: {
    summary: "Map a table: key, columns, how news are known, what it may cost",
    body: z.object({
      name,
      database: z.string().min(1).max(64),
      schema: column.optional(),
      table: column,
      key: z.array(column).min(1).max(8),
      columns: z.array(column).max(256).optional(),
      types: z.record(column, z.enum(types)).default({}),
      watermark: column.optional(),
      saltsPerColumn: z.boolean().default(true),
      rowsPerSecond: z.number().int().min(1).max(1_000_000).default(2_000),
      runEveryMs: milliseconds.default(60_000),
      sweepEveryMs: milliseconds.default(3_600_000),
      sampleRows: z.number().int().min(0).max(1_000).default(20),
      title: z.string().max(200).default(""),
      owner: z.string().max(200).default(""),
      classification: classification.default("internal"),
      retentionDays: z.number().int().positive().max(100_000).nullable().default(null),
    }),
    answer: detail,
  },
  mapping: { summary: "One mapping", params: byId, answer: detail },
  runMapping: {
    summary: "Take lawful news now",
    params: byId,
    answer: z.object({ rows: count }),
  },
  sweepMapping: {
    summary: "Look at every row now, within the budget; the answer comes at once",
    params: byId,
    answer: detail,
  },
  pauseMapping: {
    summary: "Let a mapping stand still, or go on",
    params: byId,
    body: z.object({ paused: z.boolean() }),
    answer: detail,
  },
  declareChanges: {
    summary: "Say which rows will be changed or removed lawfully, and why",
    params: byId,
    body: z.object({ keys: z.array(key).min(1).max(1_000), reason: z.string().min(1).max(500) }),
    answer: z.object({ rows: count, untilMs: timeMs }),
  },
  findings: {
    summary: "What was done behind our back, newest first",
    params: byId,
    query: z.object({
      limit: limit.default(50),
      cursor: z.string().max(16).optional(),
    }),
    answer: z.object({ items: z.array(finding), next: z.string().nullable() }),
  },
  row: {
    summary: "Whether one row is as it was anchored",
    params: byId.extend({ key }),
    answer: z.object({
      key: z.string(),
      state: z.enum(["sound", "changed", "deleted", "unknown", "waiting"]),
      batch: count.nullable(),
      height: count.nullable(),
    }),
  },
  rowProof: {
    summary: "Proof of one row, with all columns or some",
    params: byId.extend({ key }),
    /** Names of columns with commas between them. */
    query: z.object({ columns: z.string().max(8_192).optional() }),
    answer: rowProof,
  },
  catalogue: {
    summary: "The catalogue of mapped data: owner, classification, retention, coverage, freshness",
    query: z.object({
      search: z.string().max(200).optional(),
      classification: classification.optional(),
    }),
    answer: z.object({ items: z.array(mapping) }),
  },
} as const;
