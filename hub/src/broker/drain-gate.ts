import type { Socket } from "node:net";

type Done = (error: null, client: unknown) => void;

interface DrainGateOptions {
  readonly patienceMs: number;
  readonly timeoutMs: number;
  readonly onFrozen: () => void;
}

/** After a stall the next one within this time gets no patience at all. */
const FORGIVE_MS = 10_000;

/**
 * What a full subscriber costs everybody else. aedes lets the publisher wait for the socket's
 * `drain`, up to `drainTimeout` (60 s by default): one frozen subscriber stalls the whole broker, and
 * with small messages it does so long before any byte limit. Here publishers wait a few ms, which is
 * enough back-pressure for a subscriber that reads; then they go on, the backlog limit drops what
 * the subscriber misses, and if its socket stays full it is disconnected.
 */
export class DrainGate {
  readonly #socket: Socket;
  readonly #options: DrainGateOptions;
  #waiting: Done[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stalled = false;
  #stalledAtMs = Number.NEGATIVE_INFINITY;

  constructor(socket: Socket, options: DrainGateOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Calls `done` when the socket has drained, or when patience is over. */
  wait(done: Done): void {
    if (this.#stalled) {
      setImmediate(done, null, undefined);
      return;
    }
    this.#waiting.push(done);
    if (this.#timer !== undefined) return;
    // aedes emits `drain` when it closes a client, so nobody waits for a dead socket.
    this.#socket.once("drain", this.#onDrain);
    const forgiven = performance.now() - this.#stalledAtMs > FORGIVE_MS;
    this.#timer = setTimeout(this.#onStall, forgiven ? this.#options.patienceMs : 0);
  }

  readonly #onDrain = () => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stalled = false;
    this.#release();
  };

  readonly #onStall = () => {
    this.#stalled = true;
    this.#stalledAtMs = performance.now();
    this.#timer = setTimeout(this.#options.onFrozen, this.#options.timeoutMs);
    this.#timer.unref();
    this.#release();
  };

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) setImmediate(done, null, undefined);
  }
}
