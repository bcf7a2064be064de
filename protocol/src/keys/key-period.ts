import type { Hash } from "../crypto/suite.ts";
import type { KeyPageInfo } from "./key-page.ts";

export const DAY_MS = 86_400_000;
/** The last part of a period, in which keys are rotated … */
const LAST_PART = 8;
/** … but not in its last part again: a network that is away for days must not make a key overdue. */
const MARGIN_PART = 64;

type Period = Pick<KeyPageInfo, "validFromMs" | "validUntilMs">;

/** The page's own end, or that of the period that is configured, whichever comes first (guide §4.1.2 b). */
export function periodEndMs({ validFromMs, validUntilMs }: Period, keyDays: number): number {
  return Math.min(validUntilMs, validFromMs + keyDays * DAY_MS);
}

/**
 * When a key is to be rotated: each at a moment of its own in the last eighth of its period, so that a
 * fleet that was enrolled in one hour is not rotated in one block. Drawn from the key: the same after
 * every restart.
 */
export function rotationDueMs(
  hash: Hash,
  page: Period & Pick<KeyPageInfo, "publicKey">,
  keyDays: number,
): number {
  const endMs = periodEndMs(page, keyDays);
  const periodMs = Math.max(0, endMs - page.validFromMs);
  const draw = Buffer.from(hash(page.publicKey)).readUInt32BE(0) / 2 ** 32;
  const marginMs = periodMs / MARGIN_PART;
  return Math.floor(endMs - marginMs - draw * (periodMs / LAST_PART - marginMs));
}
