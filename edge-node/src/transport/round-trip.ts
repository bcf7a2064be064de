const MIN_TIMEOUT_MS = 2_000;
const MAX_TIMEOUT_MS = 10_000;
/** Time to execute and to write a block, beside the way through the broker. */
const EXECUTION_BUDGET_MS = 500;
const SAMPLES = 32;

/** Round trips through the broker, measured by this node's own statuses that come back. */
export class RoundTrip {
  readonly #samplesMs: number[] = [];

  add(ms: number): void {
    if (!(ms >= 0)) return;
    this.#samplesMs.push(ms);
    if (this.#samplesMs.length > SAMPLES) this.#samplesMs.shift();
  }

  /** The 95th percentile in ms; 0 while nothing is known. */
  get p95Ms(): number {
    const sorted = [...this.#samplesMs].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  }

  /** T0 of docs/consensus.md §3. */
  get baseTimeoutMs(): number {
    const wantedMs = 4 * this.p95Ms + EXECUTION_BUDGET_MS;
    return Math.min(MAX_TIMEOUT_MS, Math.max(MIN_TIMEOUT_MS, wantedMs));
  }
}
