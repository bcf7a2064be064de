import { z } from "zod";
import { correctionReasons } from "../metering/correction-reason.ts";
import { decimal } from "./decimal.ts";
import { base64url, count, hex32, identityHex, meterName, timeMs } from "./shapes.ts";

const status = z.enum(["original", "corrected", "estimated", "void"]);
/** In the register's unit and scaler; null where the meter gave none, or it is void. */
const standing = z.object({ status, value: z.number().int().nullable() });

/** What stands of a reading that was corrected, and the record that says so. */
export const standingCorrection = standing.extend({ number: count, transaction: hex32 });

export const correctedValue = standingCorrection.extend({
  timeMs,
  obis: z.string(),
  unit: z.string(),
  scaler: z.number().int(),
});

const correction = z.object({
  meter: z.string(),
  /** 1 for the meter's first; each names the hash of the one before. */
  number: count,
  height: count,
  transaction: hex32,
  contentHash: hex32,
  /** Of the batch that is corrected. */
  sequence: count,
  sender: identityHex,
  senderName: z.string().nullable(),
  /** Who agreed, where an operator corrects. */
  agreedBy: identityHex.nullable(),
  agreedByName: z.string().nullable(),
  reason: z.enum(correctionReasons),
  words: z.string(),
  values: z.array(
    z.object({
      timeMs,
      obis: z.string(),
      unit: z.string(),
      scaler: z.number().int(),
      old: standing,
      new: standing,
    }),
  ),
});

export const correctionContract = {
  corrections: {
    summary: "Corrections of one meter's readings, newest first, and what the next must follow",
    params: z.object({ meter: meterName }),
    query: z.object({
      limit: decimal(z.number().int().min(1).max(200)).default(50),
      cursor: z.string().max(32).optional(),
    }),
    answer: z.object({
      items: z.array(correction),
      next: z.string().nullable(),
      /** 0 and zeros before the first. */
      last: z.object({ number: count, contentHash: hex32 }),
    }),
  },
  submitCorrection: {
    summary: "Hand in a signed correction; the same content again is the same correction",
    query: z.object({ waitMs: decimal(z.number().int().min(0).max(30_000)).default(0) }),
    body: z.object({ transaction: base64url.min(1).max(400_000) }),
    answer: z.object({
      meter: z.string(),
      number: count,
      hash: hex32,
      state: z.enum(["final", "spooled"]),
      height: count.nullable(),
    }),
  },
} as const;
