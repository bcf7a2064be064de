import { Fault } from "../faults.ts";

/** The oldest leaves: many addresses must not fill the memory. */
const MAX_NAMES = 10_000;

interface BucketOptions {
  readonly burst: number;
  readonly perSecond: number;
}

interface Level {
  readonly tokens: number;
  readonly atMs: number;
}

/** Lets each name through `perSecond` times, `burst` at once. */
export class TokenBuckets {
  readonly #now: () => number;
  readonly #options: BucketOptions;
  readonly #levels = new Map<string, Level>();

  constructor(now: () => number, options: BucketOptions) {
    this.#now = now;
    this.#options = options;
  }

  /** @throws Fault RATE_LIMITED */
  take(name: string): void {
    const { burst, perSecond } = this.#options;
    const now = this.#now();
    const before = this.#levels.get(name);
    const gained = before === undefined ? burst : ((now - before.atMs) / 1_000) * perSecond;
    const tokens = Math.min(burst, (before?.tokens ?? 0) + gained);
    if (tokens < 1) {
      const retryAfterS = Math.ceil((1 - tokens) / perSecond);
      throw new Fault("RATE_LIMITED", "", { data: { retryAfterS } });
    }
    this.#levels.delete(name);
    this.#levels.set(name, { tokens: tokens - 1, atMs: now });
    if (this.#levels.size <= MAX_NAMES) return;
    for (const oldest of this.#levels.keys()) {
      this.#levels.delete(oldest);
      break;
    }
  }
}
