import type { SignatureCheck, SignatureVerifier } from "../chain/signature-verifier.ts";
import { packChecks } from "./packed-checks.ts";

/** The one it works on, and the one after it: a thread never waits for this thread. */
const IN_HAND = 2;
/** A chunk takes some 20 ms; a thread that says nothing for so long is of no use. */
const SILENCE_MS = 10_000;
/** A thread takes memory: without work it ends. */
const IDLE_MS = 2_000;
/** Threads that end one after the other without an answer: there is no use in starting more. */
const MAX_FAILURES = 3;

/** What a thread tells. */
export interface ThreadEvents {
  /** Of the oldest chunk that it has. */
  readonly onVerdicts: (verdicts: Uint8Array) => void;
  /** It has ended, perhaps told twice. */
  readonly onGone: (reason: string) => void;
}

/** A thread, from here. */
export interface VerifierThread {
  /** The bytes are its own from now on. */
  post(packed: Uint8Array): void;
  stop(): void;
}

interface VerifierPoolDeps {
  readonly start: (events: ThreadEvents) => VerifierThread;
  readonly log: { warn(data: object, message: string): void };
}

interface VerifierPoolOptions {
  /** At most so many; 0 leaves every signature to whoever asks. */
  readonly threads: number;
  /** Chunks that wait for a thread; what comes above them is left to whoever asks. */
  readonly maxWaiting: number;
}

interface Job {
  readonly checks: readonly SignatureCheck[];
  readonly resolve: (verdicts: Uint8Array) => void;
}

interface Hand {
  readonly thread: VerifierThread;
  /** Oldest first. */
  readonly jobs: Job[];
  silence: NodeJS.Timeout | undefined;
}

/**
 * Threads that verify signatures, started when there is work and ended when there is none. Work is never
 * lost: what a dead thread had, and what there is no room for, is answered with "nobody has looked".
 */
export class VerifierPool implements SignatureVerifier {
  readonly #deps: VerifierPoolDeps;
  readonly #options: VerifierPoolOptions;
  readonly #hands = new Set<Hand>();
  #waiting: Job[] = [];
  #failures = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(deps: VerifierPoolDeps, options: VerifierPoolOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Threads that run now. */
  get size(): number {
    return this.#hands.size;
  }

  verify(checks: readonly SignatureCheck[]): Promise<Uint8Array> {
    const { threads, maxWaiting } = this.#options;
    const isOff = threads === 0 || this.#failures >= MAX_FAILURES;
    if (isOff || this.#waiting.length >= maxWaiting) return Promise.resolve(unseen(checks));
    return new Promise((resolve) => {
      this.#waiting.push({ checks, resolve });
      this.#feed();
    });
  }

  /** Ends the threads; the next work starts them again. */
  stop(): void {
    clearTimeout(this.#idle);
    for (const hand of this.#hands) this.#end(hand);
    this.#giveUp();
  }

  #feed(): void {
    clearTimeout(this.#idle);
    while (this.#waiting.length > 0) {
      const hand = this.#free();
      if (hand === undefined) return;
      const job = this.#waiting.shift()!;
      hand.jobs.push(job);
      this.#listenFor(hand);
      hand.thread.post(packChecks(job.checks));
    }
    const isIdle = [...this.#hands].every(({ jobs }) => jobs.length === 0);
    if (isIdle) this.#idle = setTimeout(() => this.stop(), IDLE_MS).unref();
  }

  /** Who can take another chunk; a new thread where all have enough. */
  #free(): Hand | undefined {
    let best: Hand | undefined;
    for (const hand of this.#hands) {
      if (hand.jobs.length < (best?.jobs.length ?? IN_HAND)) best = hand;
    }
    const mayStart = this.#hands.size < this.#options.threads && this.#failures < MAX_FAILURES;
    return best?.jobs.length === 0 || !mayStart ? best : this.#start();
  }

  #start(): Hand {
    const hand: Hand = {
      jobs: [],
      silence: undefined,
      thread: this.#deps.start({
        onVerdicts: (verdicts) => this.#onVerdicts(hand, verdicts),
        onGone: (reason) => this.#onGone(hand, reason),
      }),
    };
    this.#hands.add(hand);
    return hand;
  }

  #onVerdicts(hand: Hand, verdicts: Uint8Array): void {
    const [job] = hand.jobs;
    // It is being ended, or does not do what it should.
    if (!this.#hands.has(hand)) return;
    if (job === undefined || verdicts.length !== job.checks.length) {
      this.#onGone(hand, "an answer to no question");
      return;
    }
    hand.jobs.shift();
    this.#failures = 0;
    this.#listenFor(hand);
    job.resolve(verdicts);
    this.#feed();
  }

  #onGone(hand: Hand, reason: string): void {
    if (!this.#hands.has(hand)) return;
    this.#failures++;
    this.#deps.log.warn({ reason }, "verifier: a thread is gone, its work is done here");
    this.#end(hand);
    if (this.#failures >= MAX_FAILURES) this.#giveUp();
    else this.#feed();
  }

  #listenFor(hand: Hand): void {
    clearTimeout(hand.silence);
    if (hand.jobs.length === 0) return;
    hand.silence = setTimeout(() => this.#onGone(hand, "silence"), SILENCE_MS).unref();
  }

  #end(hand: Hand): void {
    clearTimeout(hand.silence);
    this.#hands.delete(hand);
    hand.thread.stop();
    for (const { checks, resolve } of hand.jobs) resolve(unseen(checks));
  }

  #giveUp(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { checks, resolve } of waiting) resolve(unseen(checks));
  }
}

function unseen(checks: readonly SignatureCheck[]): Uint8Array {
  return new Uint8Array(checks.length);
}
