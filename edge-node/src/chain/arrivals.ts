const AT_MOST_EVERY_MS = 100;

interface ArrivalsDeps {
  readonly bodies: { readonly isWaiting: boolean };
  /** A proposal can be checked again. */
  readonly onArrived: () => void;
}

/** Says that bodies came when all have, or now and then: each time a whole proposal is looked through. */
export class Arrivals {
  readonly #deps: ArrivalsDeps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: ArrivalsDeps) {
    this.#deps = deps;
  }

  /** A wanted body came. */
  onBody(): void {
    if (!this.#deps.bodies.isWaiting) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), AT_MOST_EVERY_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    this.stop();
    this.#deps.onArrived();
  }
}
