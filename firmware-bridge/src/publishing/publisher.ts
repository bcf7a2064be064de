import { asFault } from "@gridledger/protocol/faults";
import type { Receipt } from "@gridledger/protocol/messages/receipt";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { SealedBatch, SignedBatch } from "../spool/spool.ts";
import type { ChainHeight } from "./chain-height.ts";
import { type Flight, Flights } from "./flights.ts";
import { ReceiptInbox } from "./receipt-inbox.ts";
import { Refusals } from "./refusals.ts";
import { WaitingMeters } from "./waiting-meters.ts";

/** Several transactions go in one message up to this size. */
const MAX_BUNDLE_BYTES = 65_536;

/** The part of the spool that publishing needs. */
interface BatchStore {
  pendingBatches(meter: string, from: number, limit: number): Promise<SealedBatch[]>;
  signedOf(meter: string, sequence: number): Promise<SignedBatch[]>;
  batchOf(txHash: Uint8Array): Promise<{ meter: string; sequence: number } | undefined>;
  saveSigned(signed: readonly SignedBatch[]): Promise<void>;
  retire(meter: string, sequence: number, height: number): Promise<void>;
}

interface PublisherDeps {
  readonly store: BatchStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly height: ChainHeight;
  readonly sign: (batch: SealedBatch, chainHeight: number) => SignedBatch;
  readonly onKeyRefused: (encoded: Uint8Array) => boolean;
  /** Height at which all of the receipt is final. @throws Fault when it proves nothing */
  readonly verifyReceipt: (receipt: Receipt) => number;
  /** A receipt proves this final, and it is no batch. */
  readonly onOther: (txHash: Uint8Array) => void;
  /** Sends a `transactions` message; false when it could not. */
  readonly send: (message: Uint8Array) => boolean;
  /** 0 ≤ x < 1, for the jitter of retries. */
  readonly random: () => number;
}

export interface PublisherOptions {
  /** Batches in flight at most. */
  readonly window: number;
  readonly windowPerMeter: number;
  /** First and longest wait for a receipt before a batch is sent again. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
}

/**
 * Sends batches, each meter's in order and a window at a time, and again until a receipt proves them
 * final. Says nothing when nothing waits.
 */
export class Publisher {
  readonly #deps: PublisherDeps;
  readonly #options: PublisherOptions;
  readonly #flights = new Flights();
  readonly #waiting = new WaitingMeters();
  readonly #counters = { sent: 0, sentAgain: 0, signed: 0, final: 0 };
  readonly #refusals: Refusals;
  readonly #receipts: ReceiptInbox;
  #connected = false;
  #stopped = false;
  #pumping: Promise<void> | undefined;
  #pumpAgain = false;
  #cancelTimer: (() => void) | undefined;

  constructor(deps: PublisherDeps, options: PublisherOptions) {
    this.#deps = deps;
    this.#options = options;
    const { store, clock, log, height, verifyReceipt, onKeyRefused } = deps;
    const backoffMs = (tries: number) => this.#backoffMs(tries);
    this.#refusals = new Refusals(
      { flights: this.#flights, clock, log, backoffMs, onKeyRefused },
      options,
    );
    this.#receipts = new ReceiptInbox({
      log,
      height,
      verifyReceipt,
      onOther: deps.onOther,
      batchOf: async (txHash) => this.#flights.withHash(txHash) ?? (await store.batchOf(txHash)),
      retire: (meter, sequence, at) => store.retire(meter, sequence, at),
      onFinal: (finals) => this.#land(finals),
    });
  }

  get counters() {
    return {
      ...this.#counters,
      ...this.#receipts.counters,
      inFlight: this.#flights.size,
      waiting: this.#waiting.count,
      refusals: this.#refusals.counts,
    };
  }

  /** Batches that were sealed before this start. */
  resume(ranges: readonly { meter: string; first: number; last: number }[]): void {
    for (const { meter, first, last } of ranges) this.#waiting.addRange(meter, first, last);
    this.#pump();
  }

  onSealed(batch: SealedBatch): void {
    this.#waiting.addFresh(batch);
    this.#pump();
  }

  onState(connected: boolean): void {
    this.#connected = connected;
    if (!connected) return;
    const now = this.#deps.clock.nowMs();
    for (const flight of this.#flights) flight.nextMs = now;
    this.#pump();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#pumping;
    await this.#receipts.stop();
  }

  /** Takes a finality receipt. */
  onReceipt(bytes: Uint8Array): void {
    this.#receipts.push(bytes);
  }

  /** Takes a refusal. */
  onRefusal(bytes: Uint8Array): void {
    if (this.#refusals.take(bytes)) this.#pump();
  }

  #land(finals: ReadonlyMap<string, number>): void {
    this.#refusals.forgetPauses();
    const before = this.#flights.size;
    for (const [meter, sequence] of finals) {
      this.#flights.removeThrough(meter, sequence);
      this.#waiting.taken(meter, sequence);
    }
    this.#counters.final += before - this.#flights.size;
    this.#pump();
  }

  #pump(): void {
    if (this.#stopped || !this.#connected) return;
    this.#pumpAgain = true;
    this.#pumping ??= this.#pumpLoop()
      .catch((thrown: unknown) => {
        const { code, message } = asFault(thrown);
        this.#deps.log.error({ code }, `publishing stands still: ${message}`);
        this.#setTimer(this.#options.retryMs);
      })
      .finally(() => {
        this.#pumping = undefined;
        if (this.#pumpAgain) this.#pump();
      });
  }

  async #pumpLoop(): Promise<void> {
    while (this.#pumpAgain && !this.#stopped && this.#connected) {
      this.#pumpAgain = false;
      const now = this.#deps.clock.nowMs();
      if (now >= this.#refusals.pausedUntilMs) {
        await this.#fillWindow();
        await this.#sendDue();
      }
    }
    this.#setTimer();
  }

  /** Batches enter the window in order; the meters take turns. */
  async #fillWindow(): Promise<void> {
    const { window, windowPerMeter } = this.#options;
    for (const meter of this.#waiting.meters()) {
      const room = Math.min(
        window - this.#flights.size,
        windowPerMeter - this.#flights.countOf(meter),
      );
      if (this.#flights.size >= window) return;
      if (room <= 0) continue;
      const fresh = this.#waiting.takeFresh(meter, room);
      for (const batch of fresh) this.#launch(batch, undefined);
      if (fresh.length === 0) await this.#loadFromSpool(meter, room);
    }
  }

  async #loadFromSpool(meter: string, room: number): Promise<void> {
    const from = this.#waiting.nextOf(meter);
    if (from === undefined) return;
    for (const batch of await this.#deps.store.pendingBatches(meter, from, room)) {
      const [signed] = await this.#deps.store.signedOf(meter, batch.sequence);
      // A receipt may have landed it meanwhile.
      if (this.#waiting.nextOf(meter) !== batch.sequence) return;
      this.#waiting.taken(meter, batch.sequence);
      this.#launch(batch, signed);
    }
  }

  #launch({ meter, sequence, payload }: SealedBatch, signed: SignedBatch | undefined): void {
    const nextMs = this.#deps.clock.nowMs();
    this.#flights.add({
      meter,
      sequence,
      payload,
      signed,
      sent: 0,
      signs: 0,
      nextMs,
      signAtHeight: undefined,
      isStale: false,
      staleSends: 0,
      staleAtSent: undefined,
      toldAtSent: undefined,
      isBlocked: false,
    });
  }

  async #sendDue(): Promise<void> {
    const now = this.#deps.clock.nowMs();
    const due = [...this.#flights].filter(({ nextMs }) => nextMs <= now);
    await this.#signAll(due.filter((flight) => this.#needsSigning(flight)));
    for (const flight of due) if (flight.isStale) await this.#sendSigned(flight);
    this.#sendAll(due.filter((flight) => this.#flights.has(flight)));
  }

  /** What is signed is on disk before it is a flight's: nothing is sent whose receipt we would not know. */
  async #signAll(flights: readonly Flight[]): Promise<void> {
    if (flights.length === 0) return;
    const { height, sign, store } = this.#deps;
    const signed = flights.map((flight) => sign(flight, flight.signAtHeight ?? height.height));
    await store.saveSigned(signed);
    this.#counters.signed += signed.length;
    for (const [i, flight] of flights.entries()) {
      if (this.#flights.has(flight)) this.#flights.setSigned(flight, signed[i]!);
    }
  }

  /** The hub repeats the receipt of a final transaction that it sees again. */
  async #sendSigned(flight: Flight): Promise<void> {
    flight.isStale = false;
    const signed = await this.#deps.store.signedOf(flight.meter, flight.sequence);
    const older = signed.filter(({ hash }) => this.#flights.withHash(hash) !== flight);
    if (older.length > 0) this.#deps.send(encodeTransactions(older.map(({ encoded }) => encoded)));
  }

  #needsSigning({ signed, signAtHeight }: Flight): boolean {
    if (signed === undefined || signAtHeight !== undefined) return true;
    return this.#deps.height.height >= signed.validUntilHeight;
  }

  #sendAll(due: readonly Flight[]): void {
    let bundle: Flight[] = [];
    let bytes = 0;
    for (const flight of due) {
      const size = flight.signed?.encoded.length ?? 0;
      if (bytes + size > MAX_BUNDLE_BYTES && bundle.length > 0) {
        this.#sendBundle(bundle);
        bundle = [];
        bytes = 0;
      }
      bundle.push(flight);
      bytes += size;
    }
    if (bundle.length > 0) this.#sendBundle(bundle);
  }

  #sendBundle(bundle: readonly Flight[]): void {
    const now = this.#deps.clock.nowMs();
    const encoded = bundle
      .map(({ signed }) => signed?.encoded)
      .filter((bytes) => bytes !== undefined);
    const isSent = this.#deps.send(encodeTransactions(encoded));
    for (const flight of bundle) {
      if (isSent) {
        if (flight.sent > 0) this.#counters.sentAgain++;
        flight.sent++;
        this.#counters.sent++;
      }
      flight.nextMs =
        now + (flight.isBlocked ? this.#options.maxRetryMs : this.#backoffMs(flight.sent));
    }
  }

  /** Doubles with every try up to the longest wait, ± 20 % so that devices do not march in step. */
  #backoffMs(tries: number): number {
    const { retryMs, maxRetryMs } = this.#options;
    const grownMs = Math.min(retryMs * 2 ** Math.max(0, tries - 1), maxRetryMs);
    return Math.round(grownMs * (0.8 + 0.4 * this.#deps.random()));
  }

  #setTimer(delayMs = this.#untilNextMs()): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (delayMs === undefined || this.#stopped) return;
    this.#cancelTimer = this.#deps.clock.schedule(delayMs, () => this.#pump());
  }

  /** Undefined when nothing is in flight: idle is silent. */
  #untilNextMs(): number | undefined {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const flight of this.#flights) nextMs = Math.min(nextMs, flight.nextMs);
    const now = this.#deps.clock.nowMs();
    const hasWork = this.#flights.size > 0 || !this.#waiting.isEmpty;
    if (hasWork && now < this.#refusals.pausedUntilMs) nextMs = this.#refusals.pausedUntilMs;
    return Number.isFinite(nextMs) ? Math.max(1, nextMs - now) : undefined;
  }
}
