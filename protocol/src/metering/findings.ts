import type { ReadingBatch, RegisterColumn } from "./reading-batch.ts";

/** What of a batch wants a second look. Nothing is refused for it, and nothing is mended. */
export type FindingKind =
  /** A register that only grows says less than before. */
  | "backwards"
  /** It fell to next to nothing: another meter under the same name, or one that was reset. */
  | "swapped"
  /** A value that meters use for "none", or a register full of nines. */
  | "sentinel"
  /** Dated later than the block that holds it. */
  | "clock-ahead"
  /** Reached the chain more than a day after it was taken. */
  | "late"
  /** More than one and a half usual intervals after the reading before. */
  | "gap"
  /** Less than a tenth of the usual interval after the reading before, with the same values. */
  | "duplicate";

export interface Finding {
  readonly kind: FindingKind;
  readonly timeMs: number;
  /** The register, where it is about one. */
  readonly obis?: string;
  /** The value and the one before it, in the register's unit without its scaler; null for none. */
  readonly value?: number;
  readonly before?: number;
}

/** What is known of the readings before the batch. */
export interface BatchContext {
  readonly previous: ReadingBatch | undefined;
  /** Of the block that holds the batch. */
  readonly blockTimeMs: number;
  readonly usualIntervalMs: number | undefined;
}

const LATE_MS = 86_400_000;
const SWAPPED_SHARE = 100;
/** 2³² − 1, 2³¹ − 1, −2³¹: an unsigned or signed word of 32 bits with nothing in it. */
const EMPTY_WORDS: readonly number[] = [4_294_967_295, 2_147_483_647, -2_147_483_648];

/**
 * The meter-aware checks of guide §4.4.1 a), as a function of what stands in blocks alone: whoever has
 * the batches finds the same. The state of the chain keeps nothing of it.
 */
export function findingsOf(batch: ReadingBatch, context: BatchContext): Finding[] {
  return [
    ...timeFindings(batch, context),
    ...batch.registers.flatMap((register) => registerFindings(batch, register, context)),
  ].sort((a, b) => a.timeMs - b.timeMs);
}

function timeFindings(batch: ReadingBatch, context: BatchContext): Finding[] {
  const { blockTimeMs, previous, usualIntervalMs: usual } = context;
  const found: Finding[] = [];
  let before = previous?.timesMs.at(-1);
  for (const [i, timeMs] of batch.timesMs.entries()) {
    if (timeMs > blockTimeMs) found.push({ kind: "clock-ahead", timeMs });
    if (blockTimeMs - timeMs > LATE_MS) found.push({ kind: "late", timeMs });
    if (usual !== undefined && before !== undefined) {
      const stepMs = timeMs - before;
      if (stepMs > usual * 1.5) found.push({ kind: "gap", timeMs });
      if (stepMs < usual / 10 && isRepeated(batch, i)) found.push({ kind: "duplicate", timeMs });
    }
    before = timeMs;
  }
  return found;
}

function isRepeated({ registers }: ReadingBatch, at: number): boolean {
  return at > 0 && registers.every(({ values }) => values[at] === values[at - 1]);
}

function registerFindings(
  { timesMs }: ReadingBatch,
  register: RegisterColumn,
  { previous }: BatchContext,
): Finding[] {
  const { obis, values } = register;
  const found: Finding[] = [];
  let before = lastOf(previous, register);
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    const at = { timeMs: timesMs[i]!, obis, value };
    if (isSentinel(value)) {
      found.push({ kind: "sentinel", ...at });
      continue; // what says "none" is no value to compare with
    }
    if (growsOnly(register) && before !== undefined && value < before) {
      const isSwapped = value * SWAPPED_SHARE < before;
      found.push({ kind: isSwapped ? "swapped" : "backwards", ...at, before });
    }
    before = value;
  }
  return found;
}

/** Energy since the meter was set up: OBIS group D is 8, IEC 62056-6-1 §5.4. */
export function growsOnly({ obis, unit }: Pick<RegisterColumn, "obis" | "unit">): boolean {
  return /^\d+-\d+:\d+\.8\.\d+/.test(obis) && ["Wh", "VAh", "varh", "m3", "m3(n)"].includes(unit);
}

/** The register's last value before, in the same unit and scaler. */
function lastOf(
  previous: ReadingBatch | undefined,
  { obis, unit, scaler }: RegisterColumn,
): number | undefined {
  const same = previous?.registers.find((one) => one.obis === obis && one.unit === unit);
  const last = same?.values.findLast((value) => value !== null && !isSentinel(value));
  if (same === undefined || last === undefined || last === null) return undefined;
  // Exact but where a meter changes its scaler; then it only says what was about there before.
  return last * 10 ** (same.scaler - scaler);
}

function isSentinel(value: number): boolean {
  return EMPTY_WORDS.includes(value) || /^9{8,}$/.test(String(Math.abs(value)));
}
