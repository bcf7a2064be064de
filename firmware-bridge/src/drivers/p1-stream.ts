import { asFault, Fault } from "@gridledger/protocol/faults";
import { readoutsOf } from "../frames/dsmr/readouts.ts";
import { parseTelegram } from "../frames/dsmr/telegram.ts";
import { TelegramSplitter } from "../frames/dsmr/telegram-splitter.ts";
import type { Readout } from "../metering/readout.ts";
import type { DriverDeps } from "./driver.ts";

export interface P1StreamOptions {
  /** For the log. */
  readonly name: string;
  readonly winterOffsetMinutes: number;
  readonly meter?: string;
  /** Readouts of one meter closer together than this are passed over; 0 keeps all. */
  readonly minIntervalMs: number;
  readonly isSimulated: boolean;
}

/** Bytes of a P1 port in, readouts out: the same for a serial server and for a replay. */
export class P1Stream {
  readonly #deps: DriverDeps;
  readonly #options: P1StreamOptions;
  readonly #lastKeptMs = new Map<string, number>();
  #splitter = new TelegramSplitter();

  constructor(deps: DriverDeps, options: P1StreamOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Resolves when all readouts of the chunk are spooled or refused: the source is read no faster. */
  async push(chunk: Uint8Array): Promise<void> {
    for (const found of this.#splitter.push(chunk)) await this.#take(found);
  }

  /** The connection is gone; the next one begins with a new telegram. */
  async end(): Promise<void> {
    for (const found of this.#splitter.end()) await this.#take(found);
    this.#splitter = new TelegramSplitter();
  }

  async #take(found: Uint8Array | Fault): Promise<void> {
    try {
      if (found instanceof Fault) throw found;
      const { winterOffsetMinutes, meter } = this.#options;
      const receivedMs = this.#deps.clock.nowMs();
      const named = meter === undefined ? {} : { meter };
      const options = { receivedMs, winterOffsetMinutes, ...named };
      for (const readout of readoutsOf(parseTelegram(found), options)) await this.#accept(readout);
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  async #accept(readout: Readout): Promise<void> {
    const last = this.#lastKeptMs.get(readout.meter) ?? Number.NEGATIVE_INFINITY;
    if (readout.receivedMs - last < this.#options.minIntervalMs) return;
    const { isSimulated } = this.#options;
    try {
      await this.#deps.accept(
        isSimulated ? { ...readout, flags: [...readout.flags, "simulated"] } : readout,
      );
      this.#lastKeptMs.set(readout.meter, readout.receivedMs);
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  #report(thrown: unknown): void {
    const { code, message, data } = asFault(thrown);
    this.#deps.log.warn({ source: this.#options.name, code, ...data }, message);
  }
}
