import { ApiClient } from "@gridledger/protocol/api/client";
import type { Report } from "./network-event.ts";

const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 900;

/** Asks the hub once a second how the network does; while it does not answer, nothing is said. */
export class StatusWatch {
  readonly #url: () => string;
  readonly #report: Report;
  readonly #fetch: typeof fetch;
  #timer: NodeJS.Timeout | undefined;

  constructor(url: () => string, report: Report, fetchHub: typeof fetch) {
    this.#url = url;
    this.#fetch = fetchHub;
    this.#report = report;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#ask(), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #ask(): Promise<void> {
    const client = new ApiClient({
      baseUrl: this.#url(),
      fetch: (input, init) =>
        this.#fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }),
    });
    const status = await client.call("status").catch(() => undefined);
    if (status !== undefined && this.#timer !== undefined) {
      this.#report({ event: "status", status });
    }
  }
}
