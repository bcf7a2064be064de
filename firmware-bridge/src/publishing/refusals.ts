import { asFault, Fault } from "@gridledger/protocol/faults";
import { decodeRefusal } from "@gridledger/protocol/messages/refusal";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Flight, Flights } from "./flights.ts";
import { refusalAction } from "./refusal-action.ts";

const FIRST_SIGN_AGAIN_MS = 250;
/** Final by another's word after so many sends, and no receipt of ours: what is on chain is not ours. */
const MAX_STALE_SENDS = 4;

interface RefusalsDeps {
  readonly flights: Flights;
  readonly clock: Clock;
  readonly log: Log;
  /** How long to wait after so many tries. */
  readonly backoffMs: (tries: number) => number;
  /** The chain takes nothing now of the key that signed this. True where another key can be tried. */
  readonly onKeyRefused: (encoded: Uint8Array) => boolean;
}

interface RefusalsOptions {
  readonly retryMs: number;
  readonly maxRetryMs: number;
}

/** Does to the flights what a refusal asks for, see `refusalAction`: a hint, from anybody. */
export class Refusals {
  readonly #deps: RefusalsDeps;
  readonly #options: RefusalsOptions;
  readonly #counts = new Map<string, number>();
  #pausedUntilMs = 0;
  #pauses = 0;

  constructor(deps: RefusalsDeps, options: RefusalsOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /** Nothing is sent before this moment. */
  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  /** Something was final: the next pause is a short one again. */
  forgetPauses(): void {
    this.#pauses = 0;
  }

  /** False when it is about none of the flights. */
  take(bytes: Uint8Array): boolean {
    try {
      const { txHash, code, detail, headHeight } = decodeRefusal(bytes);
      const flight = this.#deps.flights.withHash(txHash);
      if (flight === undefined) return false;
      this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
      this.#act(flight, code, detail, headHeight);
      return true;
    } catch (thrown) {
      this.#deps.log.debug({ code: asFault(thrown).code }, "refusal not understood");
      return false;
    }
  }

  #act(flight: Flight, code: Fault["code"], detail: string, headHeight: number): void {
    const { clock, flights, backoffMs, onKeyRefused } = this.#deps;
    const now = clock.nowMs();
    switch (refusalAction(code)) {
      case "sign-again":
        this.#signAgain(flight, headHeight);
        break;
      case "turn-key":
        if (flight.signed !== undefined && onKeyRefused(flight.signed.encoded)) {
          this.#signAgain(flight, headHeight);
        } else this.#block(flight, code, detail);
        break;
      case "send-first": {
        const first = flights.firstOf(flight.meter);
        if (first !== undefined) first.nextMs = Math.min(first.nextMs, now + this.#options.retryMs);
        break;
      }
      case "slow-down":
        if (now < this.#pausedUntilMs) return;
        this.#pausedUntilMs = now + backoffMs(++this.#pauses);
        break;
      case "send-all":
        this.#onStale(flight);
        break;
      case "wait":
        break;
      case "blocked":
        this.#block(flight, code, detail);
    }
  }

  #signAgain(flight: Flight, headHeight: number): void {
    if (flight.signAtHeight !== undefined) return; // several validators say the same
    flight.signAtHeight = headHeight;
    const waitMs = Math.min(FIRST_SIGN_AGAIN_MS * 2 ** flight.signs, this.#options.maxRetryMs);
    flight.nextMs = this.#deps.clock.nowMs() + waitMs;
  }

  /** A batch of this number is final: its receipt got lost, or it is not our batch. */
  #onStale(flight: Flight): void {
    if (flight.staleAtSent === flight.sent) return; // several validators say the same
    flight.staleAtSent = flight.sent;
    flight.staleSends++;
    flight.isStale = true;
    if (flight.staleSends >= MAX_STALE_SENDS) {
      this.#block(flight, "SPOOL_BEHIND", new Fault("SPOOL_BEHIND").message);
      return;
    }
    flight.nextMs = Math.min(flight.nextMs, this.#deps.clock.nowMs() + this.#options.retryMs);
  }

  /** Said again with every try, which are rare; of a meter's batches only the first is to blame. */
  #block(flight: Flight, code: Fault["code"], detail: string): void {
    if (flight.toldAtSent === flight.sent) return;
    flight.toldAtSent = flight.sent;
    flight.isBlocked = true;
    flight.nextMs = this.#deps.clock.nowMs() + this.#options.maxRetryMs;
    const { meter, sequence } = flight;
    if (this.#deps.flights.firstOf(meter) !== flight) return;
    this.#deps.log.error({ meter, sequence, code }, `batch refused: ${detail}`);
  }
}
