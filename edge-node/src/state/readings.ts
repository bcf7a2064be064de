import type { MeterCalendar } from "@gridledger/protocol/contracts/energy-days";
import { meterCalendar } from "@gridledger/protocol/contracts/meter-calendar";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { type MeterState, meters } from "@gridledger/protocol/ledger/state";
import { decodeReadingBatch, type ReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import { isMeterWatched, keepRegisters } from "../contracts/watched-meters.ts";
import { NO_HASH } from "./next-in-line.ts";
import type { StateReader, StateView } from "./state-view.ts";
import type {
  BlockPlace,
  PlainOperation,
  RunPlace,
  Sender,
  TransactionKind,
} from "./transaction-kind.ts";

/**
 * A meter's clock may be ahead of the block by this much and no more: later readings must follow, so
 * one reading from a far future would shut the meter out until then.
 */
const MAX_LEAD_MS = 3_600_000;

/** A batch in its meter's run. A small object: thousands wait at once. */
class BatchPlace implements RunPlace {
  readonly run: string;
  readonly sequence: number;
  readonly previousHash: Uint8Array;
  readonly payloadHash: Uint8Array;

  constructor(batch: ReadingBatch, payloadHash: Uint8Array) {
    this.run = batch.meter;
    this.sequence = batch.sequence;
    this.previousHash = batch.previousHash;
    this.payloadHash = payloadHash;
  }

  standing(state: StateReader): { next: number; lastHash: Uint8Array } {
    const last = state.get(meters, this.run);
    return { next: (last?.sequence ?? 0) + 1, lastHash: last?.payloadHash ?? NO_HASH };
  }

  isSame({ payloadHash }: RunPlace): boolean {
    return equalBytes(payloadHash, this.payloadHash);
  }

  missing(expected: number): Fault {
    return new Fault("BATCH_SEQUENCE", `batch ${expected} of ${this.run} is missing`, {
      data: { expected },
    });
  }

  stale(): Fault {
    return new Fault("BATCH_STALE", `batch ${this.sequence} of ${this.run} is final`);
  }
}

/** A reading batch follows the meter's last one without a gap, guide §4.4.1 a). */
class ReadingsOperation implements PlainOperation {
  readonly place: RunPlace;
  readonly #firstTimeMs: number;
  readonly #lastTimeMs: number;
  readonly #hash: Hash;
  readonly #calendar: MeterCalendar;
  /** A view of the transaction's bytes, which are kept anyway; the columns would be many times more. */
  readonly #payload: Uint8Array;

  constructor(batch: ReadingBatch, chain: Chain, payload: Uint8Array) {
    const { hash } = chain.suite;
    this.#hash = hash;
    this.#calendar = meterCalendar(chain);
    this.#payload = payload;
    const payloadHash = hash(payload);
    const { timesMs } = batch;
    this.place = new BatchPlace(batch, payloadHash);
    this.#firstTimeMs = timesMs[0]!;
    this.#lastTimeMs = timesMs.at(-1)!;
  }

  check(state: StateReader, sender: Sender, at: BlockPlace): Fault | undefined {
    const { run: meter } = this.place;
    if (this.#lastTimeMs > at.timeMs + MAX_LEAD_MS) {
      const time = new Date(this.#lastTimeMs).toISOString();
      return new Fault("READING_FUTURE", `a reading of ${meter} is from ${time}`);
    }
    return this.checkAhead(state, sender) ?? this.#checkOrder(state.get(meters, meter));
  }

  checkAhead(state: StateReader, sender: Sender): Fault | undefined {
    const { run: meter } = this.place;
    const last = state.get(meters, meter);
    if (last === undefined || equalBytes(last.ownerId, sender.id)) return undefined;
    return new Fault("METER_OWNED", `meter ${meter} is bound to another device`);
  }

  #checkOrder(last: MeterState | undefined): Fault | undefined {
    const { run: meter, sequence, previousHash } = this.place;
    const expected = (last?.sequence ?? 0) + 1;
    if (sequence < expected) {
      return new Fault("BATCH_STALE", `batch ${sequence} of ${meter} is final`, {
        data: { expected },
      });
    }
    if (sequence > expected) return this.place.missing(expected);
    if (!equalBytes(previousHash, last?.payloadHash ?? NO_HASH)) {
      return new Fault("BATCH_LINK", `batch ${sequence} of ${meter} follows another one`);
    }
    if (this.#firstTimeMs <= (last?.lastTimeMs ?? -1)) {
      return new Fault("BATCH_SHAPE", `batch ${sequence} of ${meter} starts before the last ended`);
    }
    return undefined;
  }

  write(state: StateView, sender: Sender): void {
    const { run: meter, sequence, payloadHash } = this.place;
    state.set(meters, meter, {
      ownerId: sender.id,
      sequence,
      payloadHash,
      lastTimeMs: this.#lastTimeMs,
    });
    if (!isMeterWatched(state, this.#hash, meter)) return;
    keepRegisters(this.#calendar, state, decodeReadingBatch(this.#payload));
  }
}

export const readings: TransactionKind = {
  number: kind.readings,
  senderRoles: ["device"],
  read(chain, payload) {
    let batch: ReadingBatch;
    try {
      batch = decodeReadingBatch(payload);
    } catch (thrown) {
      const fault = asFault(thrown, "BATCH_SHAPE");
      throw new Fault("BATCH_SHAPE", fault.message, { cause: fault });
    }
    return new ReadingsOperation(batch, chain, payload);
  },
};
