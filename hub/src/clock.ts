/** Time as the hub's rooms see it, so that a test turns the hands itself. */
export interface Clock {
  /** Unix time in ms. */
  now(): number;
  /** Calls `action` once after `ms`; the answer cancels it. */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
