const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 30_000;
/** Too many requests; what stands before a hub, or the hub itself, cannot answer just now. */
const BUSY: readonly number[] = [429, 502, 503, 504];

export interface RetryOptions {
  readonly fetch?: typeof fetch;
  /** How often a request is sent at most. */
  readonly attempts?: number;
  readonly pause?: (ms: number) => Promise<void>;
}

export const pauseFor = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A `fetch` that sends again what was not answered, or was answered with "not now": after as long as
 * `Retry-After` says, else after growing pauses. Only for requests that mean the same when they come twice.
 */
export function retryingFetch({
  fetch: send = fetch,
  attempts = 6,
  pause = pauseFor,
}: RetryOptions = {}): typeof fetch {
  return async (input, init) => {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= attempts;
      let askedMs: number | undefined;
      try {
        const response = await send(input, init);
        if (isLast || !BUSY.includes(response.status)) return response;
        askedMs = retryAfterMs(response.headers.get("retry-after"));
        void response.body?.cancel().catch(() => undefined);
      } catch (thrown) {
        if (isLast || init?.signal?.aborted === true || !(thrown instanceof TypeError))
          throw thrown;
      }
      await pause(Math.min(MAX_PAUSE_MS, askedMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1)));
    }
  };
}

/** Seconds, or a date; undefined where it is neither. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1_000;
  const untilMs = Date.parse(header);
  return Number.isNaN(untilMs) ? undefined : Math.max(0, untilMs - Date.now());
}
