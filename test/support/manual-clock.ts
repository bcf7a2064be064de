interface Timer {
  readonly atMs: number;
  readonly action: () => void;
}

/** Time that stands still until a test moves it. */
export class ManualClock {
  #nowMs: number;
  #timers: Timer[] = [];

  constructor(startMs = Date.now()) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves the time on; what becomes due runs in its order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers
        .filter((timer) => timer.atMs <= endMs)
        .sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.action();
    }
    this.#nowMs = endMs;
  }

  /** The machine sleeps: what would have been due many times meanwhile runs once, late. */
  sleep(ms: number): void {
    this.#nowMs += ms;
    this.advance(0);
  }
}
