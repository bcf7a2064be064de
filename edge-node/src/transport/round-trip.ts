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
}
