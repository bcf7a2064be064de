/** Wall clock and timers as the bridge needs them; tests give a virtual one. */
export interface Clock {
  /** Unix time in ms. */
  nowMs(): number;
  /** Calls back once after `delayMs`; the answer cancels it. */
  schedule(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: Date.now,
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A wait that can be cut short, for loops that must stop at once. */
export class Pause {
  readonly #clock: Clock;
  #end: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(delayMs, resolve);
      this.#end = () => {
        cancel();
        resolve();
      };
    });
  }

  cut(): void {
    this.#end?.();
  }
}
