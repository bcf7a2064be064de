import type { BlockPolicy } from "@gridledger/protocol/ledger/genesis";

interface WorkClockDeps {
  readonly policy: BlockPolicy;
  readonly pool: {
    readonly size: number;
    readonly bytes: number;
    readonly hasWork: boolean;
    /** When the first executable transaction came in. */
    readonly workSinceMs: number | undefined;
  };
  /** Monotonic time in ms. */
  readonly clock: () => number;
  /** A block is due. */
  readonly onDue: () => void;
}

/** A due block is mentioned again after this, because what made it due may have left the pool. */
const REMIND_MS = 100;

/** Says when the channel's policy wants a block (guide §5.3): a full batch, or one that waited enough. */
export class WorkClock {
  readonly #deps: WorkClockDeps;
  #timer: NodeJS.Timeout | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  /** The timer that runs was set for a full batch: more of it changes nothing. */
  #isForFull = false;

  constructor(deps: WorkClockDeps) {
    this.#deps = deps;
  }

  /** The pool has grown. */
  onAdmitted(): void {
    if (!this.#deps.pool.hasWork) return;
    if (this.#timer === undefined || (this.#isFull && !this.#isForFull)) this.#look();
  }

  /** What waits now waits for another block. */
  onNewHeight(): void {
    this.#toldMs = Number.NEGATIVE_INFINITY;
    this.#look();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  get #isFull(): boolean {
    const { policy, pool } = this.#deps;
    return pool.size >= policy.maxBlockTransactions || pool.bytes >= policy.maxBlockBytes;
  }

  #look(): void {
    this.stop();
    const { policy, pool, clock } = this.#deps;
    const since = pool.workSinceMs;
    if (since === undefined) return;
    const nowMs = clock();
    this.#isForFull = this.#isFull;
    const leftMs = this.#isForFull ? 0 : since + policy.maxBatchDelayMs - nowMs;
    const delayMs = Math.max(leftMs, this.#toldMs + REMIND_MS - nowMs);
    if (delayMs <= 0) this.#tell();
    else this.#timer = setTimeout(() => this.#look(), delayMs);
  }

  #tell(): void {
    this.#toldMs = this.#deps.clock();
    this.#deps.onDue();
  }
}
