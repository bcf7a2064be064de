import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import {
  CORRECTION_MS,
  type CorrectedEntry,
  correctionHeads,
  OWN_CORRECTION_MS,
} from "@gridledger/protocol/ledger/corrected-values";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeOriginal, type Original, provenBatch } from "@gridledger/protocol/ledger/original";
import { meters } from "@gridledger/protocol/ledger/state";
import {
  type CorrectedRegister,
  type Correction,
  decodeCorrection,
} from "@gridledger/protocol/metering/correction";
import type { ReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import { isSameStanding, type StandingValue } from "@gridledger/protocol/metering/value-status";
import { checkAgreement } from "./correction-agreement.ts";
import { entryOf, hasRoom, writeEntries } from "./correction-entries.ts";
import { checkNext, NO_HASH } from "./next-in-line.ts";
import type { StateReader, StateView } from "./state-view.ts";
import type { BlockPlace, PlainOperation, Sender, TransactionKind } from "./transaction-kind.ts";

/** Readings say something else from now on; the batch stays as it was signed, guide §4.4.1 a). */
class CorrectionOperation implements PlainOperation {
  readonly #chain: Chain;
  readonly #correction: Correction;
  readonly #contentHash: Uint8Array;
  readonly #original: Original;
  /** The proven batch, or why it is not: the same on every state. */
  #proven: ReadingBatch | Fault | undefined;

  constructor(chain: Chain, correction: Correction) {
    this.#chain = chain;
    this.#correction = correction;
    this.#contentHash = new Uint8Array(chain.suite.hash(correction.encodedContent));
    this.#original = decodeOriginal(correction.content.original);
  }

  check(state: StateReader, sender: Sender, at: BlockPlace): Fault | undefined {
    const { meter, sequence } = this.#correction.content;
    const known = state.get(meters, meter);
    if (known === undefined || sequence > known.sequence) {
      return new Fault("CORRECTION_ORIGINAL", `no batch ${sequence} of ${meter} is final`);
    }
    const isOwn = equalBytes(known.ownerId, sender.id);
    return (
      this.#checkRight(state, sender, at, known.ownerId) ??
      this.#checkOrder(state) ??
      this.#checkTimes(at.timeMs, isOwn) ??
      this.#checkOriginal() ??
      this.#checkValues(state, isOwn) ??
      this.#checkRoom(state, at.timeMs)
    );
  }

  write(state: StateView, sender: Sender, { timeMs }: BlockPlace): void {
    const { meter, number, registers } = this.#correction.content;
    const isOwn = equalBytes(state.get(meters, meter)?.ownerId ?? NO_HASH, sender.id);
    const entries = registers.flatMap(({ obis, unit, scaler, values }) =>
      values.map(({ timeMs: readMs, fresh }): CorrectedEntry => {
        return { obis, timeMs: readMs, unit, scaler, ...fresh, number, isOwn };
      }),
    );
    const days = writeEntries(state, meter, entries, timeMs);
    state.set(correctionHeads, meter, { number, contentHash: this.#contentHash, days });
  }

  /** A device speaks for itself; for an operator, four eyes see. */
  #checkRight(
    state: StateReader,
    sender: Sender,
    { height }: BlockPlace,
    ownerId: Uint8Array,
  ): Fault | undefined {
    const { agreement } = this.#correction;
    const isOwn = equalBytes(ownerId, sender.id);
    if (!isOwn && sender.identity.role === "device") {
      return new Fault("CORRECTION_RIGHT", "the meter is another device's");
    }
    if (agreement === undefined) {
      return isOwn ? undefined : new Fault("CORRECTION_RIGHT", "nobody else agreed");
    }
    const place = { height, ownerId, senderId: sender.id, contentHash: this.#contentHash };
    return checkAgreement(this.#chain, state, agreement, place);
  }

  #checkOrder(state: StateReader): Fault | undefined {
    const { meter, number, previousHash } = this.#correction.content;
    const head = state.get(correctionHeads, meter);
    const what = `correction ${number} of ${meter}`;
    const next = { code: "CORRECTION_SEQUENCE", what, number, previousHash } as const;
    return checkNext(next, head?.number, head?.contentHash);
  }

  #checkTimes(nowMs: number, isOwn: boolean): Fault | undefined {
    const times = this.#correction.content.registers.flatMap(({ values }) =>
      values.map(({ timeMs }) => timeMs),
    );
    if (Math.max(...times) > nowMs) return new Fault("CORRECTION_FUTURE");
    const windowMs = isOwn ? OWN_CORRECTION_MS : CORRECTION_MS;
    return Math.min(...times) < nowMs - windowMs ? new Fault("CORRECTION_OLD") : undefined;
  }

  #checkOriginal(): Fault | undefined {
    const { meter, sequence } = this.#correction.content;
    const batch = this.#batch();
    if (batch instanceof Fault) return batch;
    if (batch.meter === meter && batch.sequence === sequence) return undefined;
    const detail = `the proof is of batch ${batch.sequence} of ${batch.meter}`;
    return new Fault("CORRECTION_ORIGINAL", detail);
  }

  #batch(): ReadingBatch | Fault {
    try {
      this.#proven ??= provenBatch(this.#chain, this.#original);
    } catch (thrown) {
      this.#proven = asFault(thrown);
    }
    return this.#proven;
  }

  #checkValues(state: StateReader, isOwn: boolean): Fault | undefined {
    const { meter, registers } = this.#correction.content;
    const batch = this.#batch();
    if (batch instanceof Fault) return batch;
    for (const register of registers) {
      const fault = checkRegister(state, { meter, batch, register, isOwn });
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #checkRoom(state: StateReader, nowMs: number): Fault | undefined {
    const { meter, registers } = this.#correction.content;
    const fresh = registers.flatMap(({ obis, values }) =>
      values.filter(({ timeMs }) => entryOf(state, meter, obis, timeMs) === undefined),
    );
    return hasRoom(state, meter, fresh.length, nowMs) ? undefined : new Fault("CORRECTION_FULL");
  }
}

interface RegisterPlace {
  readonly meter: string;
  readonly batch: ReadingBatch;
  readonly register: CorrectedRegister;
  readonly isOwn: boolean;
}

/** What is corrected must be what stands there now: of a stale correction nothing is taken. */
function checkRegister(state: StateReader, place: RegisterPlace): Fault | undefined {
  const { meter, batch, register, isOwn } = place;
  const { obis, unit, scaler, values } = register;
  const column = batch.registers.find((one) => one.obis === obis);
  if (column === undefined) return new Fault("CORRECTION_ORIGINAL", `no register ${obis} is in it`);
  if (column.unit !== unit || column.scaler !== scaler) {
    return new Fault("CORRECTION_UNIT", `${obis} is in 10^${column.scaler} ${column.unit}`);
  }
  for (const { timeMs, old } of values) {
    const index = batch.timesMs.indexOf(timeMs);
    if (index === -1) return new Fault("CORRECTION_ORIGINAL", `no reading at ${timeMs} is in it`);
    const entry = entryOf(state, meter, obis, timeMs);
    if (entry !== undefined && isOwn && !entry.isOwn) {
      return new Fault("CORRECTION_RIGHT", "an operator has corrected this value");
    }
    const read: StandingValue = { status: "original", value: column.values[index] ?? null };
    const now = entry ?? read;
    if (isSameStanding(now, old)) continue;
    const detail = `${obis} at ${timeMs} is ${now.status} ${now.value}`;
    return new Fault("CORRECTION_STALE", detail, {
      data: { status: now.status, value: now.value },
    });
  }
  return undefined;
}

export const corrections: TransactionKind = {
  number: kind.correction,
  senderRoles: ["device", "operator"],
  read: (chain, payload) => new CorrectionOperation(chain, decodeCorrection(payload)),
};
