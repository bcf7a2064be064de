import { Fault } from "@gridledger/protocol/faults";

const MAX_WAITING = 64;
/** A node's first work is its chain: it rests as long as a call took, this many times. */
const REST = 2;
const MAX_REST_MS = 1_000;

interface CallGateDeps {
  /** Monotonic time in ms. */
  readonly clock: () => number;
  /** Resolves after so many ms, or after input that waits has been read. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Lets one call after the other run, with rests between: they hold the whole process while they run. */
export class CallGate {
  readonly #deps: CallGateDeps;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(deps: CallGateDeps) {
    this.#deps = deps;
  }

  /** @throws Fault RATE_LIMITED; what the call throws */
  async run<Value>(call: () => Value): Promise<Value> {
    const { clock, sleep } = this.#deps;
    if (this.#waiting >= MAX_WAITING) {
      throw new Fault("RATE_LIMITED", `${MAX_WAITING} calls are waiting`);
    }
    this.#waiting++;
    let tookMs = 0;
    const done = this.#tail.then(() => {
      const startedMs = clock();
      try {
        return call();
      } finally {
        tookMs = clock() - startedMs;
      }
    });
    const rest = () => sleep(Math.min(REST * tookMs, MAX_REST_MS));
    this.#tail = done.then(rest, rest);
    return done.finally(() => this.#waiting--);
  }
}
