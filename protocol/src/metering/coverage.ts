/** Of a period cut into intervals of equal length, which have a reading and which do not. */
export interface Coverage {
  /** Intervals whose middle lies in the period. */
  readonly expected: number;
  readonly present: number;
  /** Runs of intervals without a reading, from the first one's time to the last one's. */
  readonly missing: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly intervals: number;
  }[];
}

interface Period {
  /** Inclusive. */
  readonly fromMs: number;
  /** Inclusive. */
  readonly toMs: number;
  readonly intervalMs: number;
}

/**
 * Intervals lie at whole multiples of their length in UTC, as meters keep them; a reading counts for
 * the one it is nearest to. A second reading of an interval counts no more.
 */
export function coverageOf(timesMs: readonly number[], period: Period): Coverage {
  const { fromMs, toMs, intervalMs } = period;
  const [first, last] = [Math.ceil(fromMs / intervalMs), Math.floor(toMs / intervalMs)];
  const present = new Set<number>();
  for (const timeMs of timesMs) {
    const interval = Math.round(timeMs / intervalMs);
    if (interval >= first && interval <= last) present.add(interval);
  }
  const missing: { fromMs: number; toMs: number; intervals: number }[] = [];
  let before = first - 1;
  for (const next of [...[...present].sort((a, b) => a - b), last + 1]) {
    const intervals = next - before - 1;
    if (intervals > 0) {
      const run = { fromMs: (before + 1) * intervalMs, toMs: (next - 1) * intervalMs };
      missing.push({ ...run, intervals });
    }
    before = next;
  }
  return { expected: Math.max(0, last - first + 1), present: present.size, missing };
}

/** The difference between readings that is most frequent, the shorter one of two; undefined of fewer than two. */
export function usualIntervalMs(timesMs: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const [i, timeMs] of timesMs.entries()) {
    const before = timesMs[i - 1];
    if (before !== undefined) counts.set(timeMs - before, (counts.get(timeMs - before) ?? 0) + 1);
  }
  const [usual] = [...counts].sort(([a, n], [b, m]) => m - n || a - b);
  return usual?.[0];
}
