/** Votes that come in meanwhile wait no longer. */
const SLICE_MS = 4;

export interface SliceDeps {
  /** Monotonic time in ms. */
  readonly clock: () => number;
  /** Lets input that waits be read. */
  readonly pause: () => Promise<void>;
}

/** A little of a long work at a time. */
export class Slice {
  readonly #deps: SliceDeps;
  #untilMs: number;

  constructor(deps: SliceDeps) {
    this.#deps = deps;
    this.#untilMs = deps.clock() + SLICE_MS;
  }

  get isOver(): boolean {
    return this.#deps.clock() >= this.#untilMs;
  }

  async rest(): Promise<void> {
    await this.#deps.pause();
    this.#untilMs = this.#deps.clock() + SLICE_MS;
  }
}
