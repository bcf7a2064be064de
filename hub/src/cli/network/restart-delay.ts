const FIRST_MS = 250;
const MAX_MS = 10_000;
const HEALTHY_MS = 30_000;

/** How long to wait before a process that ended is started again: twice as long each time it ends early. */
export class RestartDelay {
  #nextMs = FIRST_MS;

  /** `ranMs`: how long it ran this time. */
  after(ranMs: number): number {
    if (ranMs >= HEALTHY_MS) this.#nextMs = FIRST_MS;
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(this.#nextMs * 2, MAX_MS);
    return delayMs;
  }
}
