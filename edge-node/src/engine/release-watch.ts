import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FaultCode } from "@gridledger/protocol/faults";
import type { EngineEvent } from "../consensus/ports.ts";

/** Written into a node's home by `gridledger validator release`. */
const RELEASE_FILE = "release.json";
const LOOK_MS = 1_000;
/** An order that was left lying must not end some later amnesia. */
const MAX_AGE_MS = 600_000;
const MAX_REASON_LENGTH = 500;

interface ReleaseWatchDeps {
  readonly engine: {
    /** Why it signs nothing, if so. */
    readonly suspended: FaultCode | undefined;
    post(event: Extract<EngineEvent, { type: "released" }>): void;
  };
  /** Unix time in ms. */
  readonly now: () => number;
  readonly log: {
    warn(data: object, message: string): void;
  };
}

/**
 * Looks for the order to end amnesia. A file in the node's home, because whoever can write there can
 * take the key as well: no port and no signal that others could reach. An order is used up before it is
 * followed, and one that is not needed or is old is thrown away.
 */
export class ReleaseWatch {
  readonly #deps: ReleaseWatchDeps;
  readonly #file: string;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(deps: ReleaseWatchDeps, home: string) {
    this.#deps = deps;
    this.#file = join(home, RELEASE_FILE);
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const text = await readFile(this.#file, "utf8").catch(() => undefined);
      if (text !== undefined) {
        await rm(this.#file);
        this.#follow(text);
      }
    } catch (error) {
      this.#deps.log.warn({ error, file: this.#file }, "release: the order cannot be taken away");
    }
    this.#isLooking = false;
  }

  #follow(text: string): void {
    const { engine, now, log } = this.#deps;
    const order = parseOrder(text);
    const state = engine.suspended;
    if (order === undefined || Math.abs(now() - order.atMs) > MAX_AGE_MS) {
      log.warn({ file: this.#file }, "release: an order that is old or cannot be read is ignored");
    } else if (state !== "SIGNING_SUSPENDED") {
      log.warn({ suspended: state ?? "", reason: order.reason }, "release: there is no amnesia");
    } else {
      log.warn({ reason: order.reason }, "release: the operator ends amnesia");
      engine.post({ type: "released", reason: order.reason });
    }
  }
}

function parseOrder(text: string): { reason: string; atMs: number } | undefined {
  try {
    const { reason, atMs } = JSON.parse(text) as { reason?: unknown; atMs?: unknown };
    if (typeof reason !== "string" || typeof atMs !== "number") return undefined;
    return reason.trim() === "" ? undefined : { reason: reason.slice(0, MAX_REASON_LENGTH), atMs };
  } catch {
    return undefined;
  }
}
