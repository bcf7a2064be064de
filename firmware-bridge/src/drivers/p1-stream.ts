import { asFault, Fault } from "@gridledger/protocol/faults";
import { readoutsOf } from "../frames/dsmr/readouts.ts";
import { sevenBits } from "../frames/dsmr/seven-bits.ts";
import { parseTelegram } from "../frames/dsmr/telegram.ts";
import { TelegramSplitter } from "../frames/dsmr/telegram-splitter.ts";
import type { Readout } from "../metering/readout.ts";
import type { DriverDeps } from "./driver.ts";

/** A meter that sends every 10 s is not quite punctual: a reading may come so much early. */
const EARLY_MS = 500;

export interface P1StreamOptions {
  /** For the log. */
  readonly name: string;
  readonly winterOffsetMinutes: number;
  readonly meter?: string;
  /** Readouts of one meter closer together than this are passed over; 0 keeps all. */
  readonly minIntervalMs: number;
  /** The line is 7E1 and the serial server passes its parity on as bit 7. */
  readonly hasParityBit: boolean;
  readonly isSimulated: boolean;
}

/** Bytes of a P1 port in, readouts out: the same for a serial server and for a replay. */
export class P1Stream {
  readonly #deps: DriverDeps;
  readonly #options: P1StreamOptions;
  readonly #lastKeptMs = new Map<string, number>();
  #hasWarnedOfName = false;
  #splitter = new TelegramSplitter();

  constructor(deps: DriverDeps, options: P1StreamOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Resolves when all readouts of the chunk are spooled or refused: the source is read no faster. */
  async push(chunk: Uint8Array): Promise<void> {
    const bytes = this.#options.hasParityBit ? sevenBits(chunk) : chunk;
    for (const found of this.#splitter.push(bytes)) await this.#take(found);
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
      const readouts = readoutsOf(parseTelegram(found), options);
      if (readouts[0] !== undefined) this.#warnOfName(readouts[0]);
      for (const readout of readouts) await this.#accept(readout);
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  async #accept(readout: Readout): Promise<void> {
    if (this.#isTooSoon(readout)) return;
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

  /** Where our own clock was set back, what is kept begins anew. */
  #isTooSoon({ meter, receivedMs }: Readout): boolean {
    const sinceMs = receivedMs - (this.#lastKeptMs.get(meter) ?? Number.NEGATIVE_INFINITY);
    return sinceMs >= 0 && sinceMs < this.#options.minIntervalMs - EARLY_MS;
  }

  /** All meters of a model have its name: on the chain it belongs to the first bridge that sends it. */
  #warnOfName({ meter, flags }: Readout): void {
    if (this.#hasWarnedOfName || !flags.includes("weak-meter-id")) return;
    this.#hasWarnedOfName = true;
    const { code, message } = new Fault("METER_UNNAMED");
    this.#deps.log.warn({ source: this.#options.name, code, meter }, message);
  }

  #report(thrown: unknown): void {
    const { code, message, data } = asFault(thrown);
    this.#deps.log.warn({ source: this.#options.name, code, ...data }, message);
  }
}
