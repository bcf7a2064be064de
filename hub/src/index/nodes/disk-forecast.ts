const SAMPLE_MS = 600_000;
/** A week: longer ago people did other things. */
const MAX_SAMPLES = 1_008;
/** Less than this long says nothing about days. */
const MIN_SPAN_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Further away than this is no news for anybody. */
const MAX_DAYS = 3_650;

interface Sample {
  readonly atMs: number;
  readonly diskBytes: number;
}

/** What a node says of its disk. */
interface DiskUse {
  readonly diskBytes: number;
  readonly diskFreeBytes: number;
  /** 0 where it is not limited. */
  readonly maxDiskBytes: number;
}

/** When a node's disk will be full if it grows as it did (guide §7.2 c). */
export class DiskForecast {
  readonly #samples = new Map<string, Sample[]>();

  note(id: string, atMs: number, { diskBytes }: DiskUse): void {
    const samples = this.#samples.get(id) ?? [];
    this.#samples.set(id, samples);
    const last = samples.at(-1);
    if (last !== undefined && atMs - last.atMs < SAMPLE_MS) return;
    samples.push({ atMs, diskBytes });
    if (samples.length > MAX_SAMPLES) samples.shift();
  }

  /** Whole days until the cap or the disk is reached; null while it does not grow or nobody can tell. */
  daysLeft(id: string, atMs: number, use: DiskUse): number | null {
    const first = this.#samples.get(id)?.[0];
    if (first === undefined || atMs - first.atMs < MIN_SPAN_MS) return null;
    const bytesPerMs = (use.diskBytes - first.diskBytes) / (atMs - first.atMs);
    if (bytesPerMs <= 0) return null;
    const underCap =
      use.maxDiskBytes === 0 ? Number.POSITIVE_INFINITY : use.maxDiskBytes - use.diskBytes;
    const leftBytes = Math.max(0, Math.min(use.diskFreeBytes, underCap));
    const days = Math.floor(leftBytes / bytesPerMs / DAY_MS);
    return days > MAX_DAYS ? null : days;
  }
}
