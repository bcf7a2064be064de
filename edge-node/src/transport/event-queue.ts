interface EventQueueDeps {
  /** Runs the callback after the input that is being read. */
  readonly defer: (run: () => void) => void;
  /** A handler threw: the message is lost, the node is not. */
  readonly onError: (thrown: unknown) => void;
}

/**
 * Work that came in from a broker and waits for its turn. Handlers of connections only enqueue,
 * because a slow one stops the keep-alive of its connection (MQTT.js #1935).
 */
export class EventQueue {
  readonly #deps: EventQueueDeps;
  readonly #maxLength: number;
  #waiting: (() => void)[] = [];
  #isScheduled = false;
  #dropped = 0;

  constructor(deps: EventQueueDeps, maxLength = 4_096) {
    this.#deps = deps;
    this.#maxLength = maxLength;
  }

  /** What was dropped because the queue was full: consensus and sync send again. */
  get dropped(): number {
    return this.#dropped;
  }

  push(work: () => void): void {
    if (this.#waiting.length >= this.#maxLength) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(work);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#deps.defer(() => {
      this.#isScheduled = false;
      this.#run();
    });
  }

  #run(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const work of waiting) {
      try {
        work();
      } catch (thrown) {
        this.#deps.onError(thrown);
      }
    }
  }
}
