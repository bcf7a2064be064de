/** A chain without a block and without a transaction that waits for this long is idle. */
const MAX_GAP_MS = 10_000;

/** Since when blocks have come, or transactions waited, without a pause. */
export class ActivityRun {
  #sinceMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  note(nowMs: number): void {
    if (nowMs - this.#lastMs > MAX_GAP_MS) this.#sinceMs = nowMs;
    this.#lastMs = nowMs;
  }

  /** null while idle. */
  sinceMs(nowMs: number): number | null {
    return nowMs - this.#lastMs > MAX_GAP_MS ? null : this.#sinceMs;
  }
}
