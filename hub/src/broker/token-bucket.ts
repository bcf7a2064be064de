/**
 * A rate limit that lends: an amount is always taken, and a debt must be paid back before the next
 * one. That fits a socket, where a chunk is known only when it has been read.
 */
export class TokenBucket {
  readonly #perSecond: number;
  #level: number;
  #filledAtMs: number;

  /** Holds one second's worth. */
  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#level = perSecond;
    this.#filledAtMs = nowMs;
  }

  take(amount: number): void {
    this.#level -= amount;
  }

  /** How long until the debt is paid, 0 when there is none. */
  waitMs(nowMs: number): number {
    const earned = ((nowMs - this.#filledAtMs) * this.#perSecond) / 1000;
    this.#level = Math.min(this.#perSecond, this.#level + earned);
    this.#filledAtMs = nowMs;
    return this.#level >= 0 ? 0 : Math.ceil((-this.#level * 1000) / this.#perSecond);
  }
}
