import { z } from "zod";
import { type Role, roles } from "../ledger/roles.ts";
import { decimal } from "./decimal.ts";
import { height, identityHex, timeMs } from "./shapes.ts";

const days = z.number().int().min(1).max(3_650);

const key = z.object({
  /** 1 is the key that was enrolled. */
  epoch: z.number().int().positive(),
  /** Number of its crypto suite. */
  suite: z.number().int().positive(),
  publicKey: z.string(),
  /** The first height that it signs. */
  fromHeight: height,
  /** Hash of the transaction that brought it; its proof proves the key. Null for the first one. */
  rotation: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
});

const overdueKey = z.object({
  id: identityHex,
  name: z.string(),
  role: z.enum(Object.keys(roles) as [Role, ...Role[]]),
  epoch: z.number().int().positive(),
  suite: z.number().int().positive(),
  fromHeight: height,
  /** Time of that block; of the genesis for its own. */
  sinceMs: timeMs,
  /** When its period ended. */
  dueMs: timeMs,
});

/** Which key signs, and which should have been rotated (guide §4.1.2 b). */
export const keyContract = {
  overdueKeys: {
    summary: "Identities whose present key is older than the period, the oldest first",
    query: z.object({
      /** Instead of the hub's own period. */
      days: decimal(days).optional(),
      limit: decimal(z.number().int().min(1).max(1_000)).default(200),
    }),
    answer: z.object({
      periodDays: days,
      /** All of them, also those beyond the limit. */
      count: z.number().int().nonnegative(),
      items: z.array(overdueKey),
    }),
  },
  identityKeys: {
    summary: "The keys of an identity: of the past, of now, and one that waits for its height",
    params: z.object({ identity: identityHex }),
    answer: z.object({
      /** Of the next block. */
      height,
      /** Epoch of the key that signs it. */
      epoch: z.number().int().positive(),
      items: z.array(key),
    }),
  },
};
