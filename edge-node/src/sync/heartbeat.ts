const ACTIVE_MS = 5_000;
const IDLE_MS = 60_000;
const SOON_MS = 1_000;

interface HeartbeatDeps {
  /** True while something happens that others want to follow. */
  readonly isActive: () => boolean;
  readonly beat: () => void;
  /** Monotonic time in ms. */
  readonly clock: () => number;
}

/** Beats every 5 s while there is something to say and every 60 s while there is not. */
export class Heartbeat {
  readonly #deps: HeartbeatDeps;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      if (this.#deps.isActive() || this.#deps.clock() - this.#lastMs >= IDLE_MS) this.#beat();
    }, ACTIVE_MS);
  }

  /** Beats now, but not twice in a second. */
  soon(): void {
    if (this.#deps.clock() - this.#lastMs >= SOON_MS) this.#beat();
  }

  /** Beats now: what is said has changed. */
  now(): void {
    this.#beat();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(): void {
    this.#lastMs = this.#deps.clock();
    this.#deps.beat();
  }
}
