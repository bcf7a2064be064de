import { z } from "zod";
import { role } from "./enrolment-contract.ts";
import { base64url, height, hex32, identityHex, timeMs } from "./shapes.ts";

/** A fault that a node tells of itself, in both languages. */
const toldFault = z.object({ code: z.string(), detail: z.string(), detailZh: z.string() });

export const nodeSummary = z.object({
  id: identityHex,
  name: z.string(),
  role,
  online: z.boolean(),
  /** In words: "in sync", "12 blocks behind", "silent for 70 s". */
  state: z.enum(["in-sync", "behind", "offline", "never-seen"]),
  height: height.nullable(),
  lagBlocks: z.number().int().nullable(),
  lastSeenMs: timeMs.nullable(),
  round: z.number().int().nullable(),
  poolSize: z.number().int().nullable(),
  rssBytes: z.number().int().nullable(),
  diskBytes: z.number().int().nullable(),
  /** Free on the file system of the node. */
  diskFreeBytes: z.number().int().nullable(),
  /** What its configuration allows; null where that is not limited. */
  maxDiskBytes: z.number().int().nullable(),
  /** Whole days until its disk is full if it grows as it did; null while nobody can tell. */
  diskDaysLeft: z.number().int().nullable(),
  /** The lowest block that it still holds; the archive has the others. */
  firstHeight: height.nullable(),
  /** Why it signs nothing, as it says of itself; null while it signs. */
  alarm: toldFault.nullable(),
  /** What wants attention while it goes on. */
  warning: toldFault.nullable(),
  /** Consensus messages that it refused since it started, by code. */
  rejections: z.array(toldFault.extend({ count: z.number().int() })),
});

export const status = z.object({
  channel: z.string(),
  chainId: hex32,
  suite: z.string(),
  engine: z.string(),
  /** A block is final when so many follow it; 0 means at once. */
  finalityDepth: z.number().int(),
  version: z.string(),
  height,
  headHash: hex32,
  headTimeMs: timeMs.nullable(),
  /** "live": blocks come · "idle": nothing waits, which is not a fault · "stalled": transactions wait and no block comes · "syncing". */
  state: z.enum(["live", "idle", "stalled", "syncing"]),
  transactions: z.number().int(),
  readings: z.number().int(),
  meters: z.number().int(),
  validators: z.object({
    total: z.number().int(),
    online: z.number().int(),
    quorum: z.number().int(),
    faultTolerance: z.number().int(),
  }),
  /** Over the last 60 s. */
  rates: z.object({
    blockIntervalMs: z.number().nullable(),
    transactionsPerSecond: z.number(),
    readingsPerSecond: z.number(),
  }),
  nowMs: timeMs,
});

/** What the hub and the nodes say of themselves. */
export const networkContract = {
  status: { summary: "Height, suite, engine, validators, rates", answer: status },
  genesis: {
    summary: "The genesis, whose hash is the chain id",
    answer: z.object({ chainId: hex32, encoded: base64url }),
  },
  nodes: {
    summary: "Validators and what they last said",
    answer: z.object({ items: z.array(nodeSummary) }),
  },
} as const;
