import { Fault } from "../faults.ts";

interface GuardOptions {
  /** Failures that cost nothing. */
  readonly freeFailures: number;
  readonly maxLockMs: number;
}

const FIRST_LOCK_MS = 1_000;
/** A name that has not failed for this long starts afresh. */
const FORGET_MS = 3_600_000;
/** The oldest leaves: an attacker with many addresses must not fill the memory. */
const MAX_NAMES = 10_000;

interface Failures {
  readonly count: number;
  readonly lastMs: number;
  readonly untilMs: number;
}

/** Doubles the wait after each failed try under one name: an account or an address. */
export class LoginGuard {
  readonly #now: () => number;
  readonly #options: GuardOptions;
  readonly #failures = new Map<string, Failures>();

  constructor(now: () => number, options: GuardOptions) {
    this.#now = now;
    this.#options = options;
  }

  /** @throws Fault LOGIN_LOCKED while the name has to wait */
  check(name: string): void {
    const waitMs = (this.#failures.get(name)?.untilMs ?? 0) - this.#now();
    if (waitMs <= 0) return;
    throw new Fault("LOGIN_LOCKED", "", { data: { retryAfterS: Math.ceil(waitMs / 1_000) } });
  }

  failed(name: string): void {
    const now = this.#now();
    const before = this.#failures.get(name);
    const isFresh = before === undefined || now - before.lastMs > FORGET_MS;
    const count = isFresh ? 1 : before.count + 1;
    const { freeFailures, maxLockMs } = this.#options;
    const over = count - freeFailures;
    const lockMs = over <= 0 ? 0 : Math.min(maxLockMs, FIRST_LOCK_MS * 2 ** (over - 1));
    this.#failures.delete(name);
    this.#failures.set(name, { count, lastMs: now, untilMs: now + lockMs });
    if (this.#failures.size <= MAX_NAMES) return;
    for (const oldest of this.#failures.keys()) {
      this.#failures.delete(oldest);
      break;
    }
  }

  succeeded(name: string): void {
    this.#failures.delete(name);
  }
}
