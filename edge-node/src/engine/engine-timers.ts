/** The timers of an engine by the ids that it gives them. */
export class EngineTimers {
  readonly #onTimer: (id: number) => void;
  readonly #timers = new Map<number, NodeJS.Timeout>();

  constructor(onTimer: (id: number) => void) {
    this.#onTimer = onTimer;
  }

  start(id: number, delayMs: number): void {
    this.stop(id);
    const fire = () => {
      this.#timers.delete(id);
      this.#onTimer(id);
    };
    this.#timers.set(id, setTimeout(fire, delayMs));
  }

  stop(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  clear(): void {
    for (const id of [...this.#timers.keys()]) this.stop(id);
  }
}
