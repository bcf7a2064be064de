/** A node counts as active this long after the last transaction or block. */
const ACTIVE_MS = 15_000;

/** Whether something has just happened that others want to follow. */
export class Activity {
  /** Monotonic time in ms. */
  readonly #clock: () => number;
  #untilMs = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  note(): void {
    this.#untilMs = this.#clock() + ACTIVE_MS;
  }

  get isActive(): boolean {
    return this.#clock() < this.#untilMs;
  }
}
