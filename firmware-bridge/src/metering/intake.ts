import type { Hash } from "@gridledger/protocol/crypto/suite";
import { asFault } from "@gridledger/protocol/faults";
import { encodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { SealedBatch, SpooledReading } from "../spool/spool.ts";
import { columnsOf, OpenReadings } from "./open-readings.ts";
import type { Readout } from "./readout.ts";
import { checkReadout, type LastReading } from "./readout-check.ts";

const NO_HASH = new Uint8Array(32);
const SEAL_RETRY_MS = 5_000;

/** The part of the spool that intake needs. */
interface ReadingStore {
  append(meter: string, atMs: number, registers: Readout["registers"]): Promise<SpooledReading>;
  seal(
    batch: SealedBatch,
    payloadHash: Uint8Array,
    readings: readonly SpooledReading[],
  ): Promise<void>;
}

interface IntakeDeps {
  readonly store: ReadingStore;
  readonly hash: Hash;
  readonly clock: Clock;
  readonly log: Log;
  readonly onSealed: (batch: SealedBatch) => void;
}

export interface IntakeOptions {
  /** Readings of a full batch, at most 1 024. */
  readonly maxReadings: number;
  /** A reading waits for its batch at most this long. */
  readonly maxDelayMs: number;
  /** Our own clock is not set while it shows less than this: the genesis was made later. */
  readonly earliestMs: number;
}

interface MeterState {
  readonly meter: string;
  sequence: number;
  payloadHash: Uint8Array;
  last: LastReading | undefined;
  readonly open: OpenReadings;
  cancelDeadline: (() => void) | undefined;
  isOverdue: boolean;
  isSealing: boolean;
}

/** What a meter's spooled past says. */
export interface MeterPast {
  readonly meter: string;
  readonly sequence: number;
  readonly payloadHash: Uint8Array;
  readonly last: LastReading;
}

/**
 * Takes readouts, and makes batches of them: per meter one sequence and one chain of hashes (guide
 * §4.4.1). A batch is on disk before anybody else learns of it.
 */
export class Intake {
  readonly #deps: IntakeDeps;
  readonly #options: IntakeOptions;
  readonly #meters = new Map<string, MeterState>();
  readonly #counters = { taken: 0, repeats: 0, refused: 0, flagged: 0, sealed: 0 };
  #stopped = false;

  constructor(deps: IntakeDeps, options: IntakeOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get counters() {
    return { ...this.#counters, meters: this.#meters.size };
  }

  /** Goes on where the spool stopped. Once, before the first readout. */
  resume(past: readonly MeterPast[], open: readonly SpooledReading[]): void {
    for (const { meter, sequence, payloadHash, last } of past) {
      Object.assign(this.#state(meter), { sequence, payloadHash, last });
    }
    for (const reading of open) {
      const state = this.#state(reading.meter);
      state.last = reading;
      this.#add(state, reading);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const state of this.#meters.values()) state.cancelDeadline?.();
  }

  /**
   * Resolves when the readout is durably spooled, or repeats the one before.
   *
   * @throws Fault READOUT_INVALID, SPOOL_FULL, SPOOL_FAILED
   */
  async accept(readout: Readout): Promise<void> {
    const state = this.#state(readout.meter);
    const before = state.last;
    try {
      const { atMs, flags, isRepeat } = checkReadout(readout, before, this.#options.earliestMs);
      if (isRepeat) {
        this.#counters.repeats++;
        return;
      }
      this.#noteFlags(readout, flags);
      const taken = { atMs, registers: readout.registers };
      state.last = taken;
      try {
        this.#add(state, await this.#deps.store.append(readout.meter, atMs, readout.registers));
      } catch (thrown) {
        // Not spooled, so not the last one: the meter's next try must not look like a repeat.
        if (state.last === taken) state.last = before;
        throw thrown;
      }
      this.#counters.taken++;
    } catch (thrown) {
      this.#counters.refused++;
      throw thrown;
    }
  }

  #state(meter: string): MeterState {
    let state = this.#meters.get(meter);
    if (state === undefined) {
      state = {
        meter,
        sequence: 0,
        payloadHash: NO_HASH,
        last: undefined,
        open: new OpenReadings(),
        cancelDeadline: undefined,
        isOverdue: false,
        isSealing: false,
      };
      this.#meters.set(meter, state);
    }
    return state;
  }

  #noteFlags({ meter, atMs, receivedMs }: Readout, flags: readonly string[]): void {
    const telling = flags.filter((flag) => flag !== "simulated" && flag !== "no-meter-clock");
    if (telling.length === 0) return;
    this.#counters.flagged++;
    this.#deps.log.debug({ meter, atMs, receivedMs, flags: telling }, "readout flagged");
  }

  #add(state: MeterState, reading: SpooledReading): void {
    state.open.add(reading);
    state.cancelDeadline ??= this.#deps.clock.schedule(this.#options.maxDelayMs, () => {
      state.cancelDeadline = undefined;
      state.isOverdue = true;
      void this.#sealDue(state);
    });
    void this.#sealDue(state);
  }

  /** One batch after the other: the next one needs the hash of the one before, on disk. */
  async #sealDue(state: MeterState): Promise<void> {
    if (state.isSealing) return;
    state.isSealing = true;
    try {
      while (!this.#stopped && this.#isDue(state)) await this.#sealOne(state);
    } catch (thrown) {
      if (this.#stopped) return; // the readings are spooled; the next start seals them
      const fault = asFault(thrown);
      this.#deps.log.error({ meter: state.meter, code: fault.code }, `no batch: ${fault.message}`);
      state.cancelDeadline?.();
      state.cancelDeadline = this.#deps.clock.schedule(SEAL_RETRY_MS, () => {
        state.cancelDeadline = undefined;
        void this.#sealDue(state);
      });
    } finally {
      state.isSealing = false;
    }
  }

  #isDue(state: MeterState): boolean {
    if (state.open.isEmpty) return false;
    return state.isOverdue || state.open.hasWholeBatch(this.#options.maxReadings);
  }

  async #sealOne(state: MeterState): Promise<void> {
    const { hash, store, onSealed } = this.#deps;
    const { meter } = state;
    const readings = state.open.first(this.#options.maxReadings);
    const sequence = state.sequence + 1;
    const payload = encodeReadingBatch({
      meter,
      sequence,
      previousHash: state.payloadHash,
      timesMs: readings.map(({ atMs }) => atMs),
      registers: columnsOf(readings),
    });
    const payloadHash = hash(payload);
    await store.seal({ meter, sequence, payload }, payloadHash, readings);
    state.sequence = sequence;
    state.payloadHash = payloadHash;
    state.open.removeFirst(readings.length);
    if (state.open.isEmpty) {
      state.isOverdue = false;
      state.cancelDeadline?.();
      state.cancelDeadline = undefined;
    }
    this.#counters.sealed++;
    onSealed({ meter, sequence, payload });
  }
}
