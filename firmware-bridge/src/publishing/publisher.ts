import { asFault, type Fault } from "@gridledger/protocol/faults";
import type { Receipt } from "@gridledger/protocol/messages/receipt";
import { decodeReceipt } from "@gridledger/protocol/messages/receipt";
import { decodeRefusal } from "@gridledger/protocol/messages/refusal";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { SealedBatch, SignedBatch } from "../spool/spool.ts";
import type { ChainHeight } from "./chain-height.ts";
import { type Flight, Flights } from "./flights.ts";
import { refusalAction } from "./refusal-action.ts";
import { WaitingMeters } from "./waiting-meters.ts";

/** Several transactions go in one message up to this size. */
const MAX_BUNDLE_BYTES = 65_536;
const MAX_QUEUED_RECEIPTS = 1_024;
const FIRST_SIGN_AGAIN_MS = 250;

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
  /** Height at which all of the receipt is final. @throws Fault when it proves nothing */
  readonly verifyReceipt: (receipt: Receipt) => number;
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
  readonly #counters = { sent: 0, sentAgain: 0, signed: 0, final: 0, receipts: 0, badReceipts: 0 };
  readonly #refusals = new Map<string, number>();
  #connected = false;
  #stopped = false;
  #pausedUntilMs = 0;
  #pauses = 0;
  #pumping: Promise<void> | undefined;
  #pumpAgain = false;
  #cancelTimer: (() => void) | undefined;
  #receipts: Promise<void> = Promise.resolve();
  #queuedReceipts = 0;

  constructor(deps: PublisherDeps, options: PublisherOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get counters() {
    const refusals = Object.fromEntries(this.#refusals);
    const inFlight = this.#flights.size;
    return { ...this.#counters, inFlight, waiting: this.#waiting.count, refusals };
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
    await this.#receipts;
  }

  /** Takes a finality receipt. Believed only when seal and path verify. */
  onReceipt(bytes: Uint8Array): void {
    if (this.#queuedReceipts >= MAX_QUEUED_RECEIPTS || this.#stopped) return; // we send again, it comes again
    this.#queuedReceipts++;
    const kept = Uint8Array.from(bytes);
    this.#receipts = this.#receipts
      .then(() => this.#takeReceipt(kept))
      .catch((thrown: unknown) => {
        const { code, message } = asFault(thrown);
        this.#counters.badReceipts++;
        this.#deps.log.warn({ code }, `receipt not taken: ${message}`);
      })
      .finally(() => {
        this.#queuedReceipts--;
      });
  }

  /** Takes a refusal: a hint, see `refusalAction`. */
  onRefusal(bytes: Uint8Array): void {
    try {
      const { txHash, code, detail, headHeight } = decodeRefusal(bytes);
      const flight = this.#flights.withHash(txHash);
      if (flight === undefined) return;
      this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
      this.#act(flight, code, detail, headHeight);
      this.#pump();
    } catch (thrown) {
      this.#deps.log.debug({ code: asFault(thrown).code }, "refusal not understood");
    }
  }

  #act(flight: Flight, code: Fault["code"], detail: string, headHeight: number): void {
    const { clock, log } = this.#deps;
    const now = clock.nowMs();
    switch (refusalAction(code)) {
      case "sign-again":
        if (flight.signAtHeight !== undefined) return; // several validators say the same
        flight.signAtHeight = headHeight;
        flight.nextMs =
          now + Math.min(FIRST_SIGN_AGAIN_MS * 2 ** flight.signs, this.#options.maxRetryMs);
        break;
      case "send-first": {
        const first = this.#flights.firstOf(flight.meter);
        if (first !== undefined) first.nextMs = Math.min(first.nextMs, now + this.#options.retryMs);
        break;
      }
      case "slow-down":
        if (now < this.#pausedUntilMs) return;
        this.#pausedUntilMs = now + this.#backoffMs(++this.#pauses);
        break;
      case "send-all":
        flight.isStale = true;
        flight.nextMs = Math.min(flight.nextMs, now + this.#options.retryMs);
        break;
      case "wait":
        break;
      case "blocked":
        if (flight.isBlocked) return;
        flight.isBlocked = true;
        flight.nextMs = now + this.#options.maxRetryMs;
        log.error(
          { meter: flight.meter, sequence: flight.sequence, code },
          `batch refused: ${detail}`,
        );
    }
  }

  async #takeReceipt(bytes: Uint8Array): Promise<void> {
    const { store, verifyReceipt, height } = this.#deps;
    const receipt = decodeReceipt(bytes);
    const finalHeight = verifyReceipt(receipt);
    height.prove(finalHeight);
    this.#counters.receipts++;
    this.#pauses = 0;
    const finals = new Map<string, number>();
    for (const { txHash } of receipt.entries) {
      const batch = this.#flights.withHash(txHash) ?? (await store.batchOf(txHash));
      if (batch === undefined) continue;
      finals.set(batch.meter, Math.max(batch.sequence, finals.get(batch.meter) ?? 0));
    }
    // A batch holds the hash of the one before, so one that is final makes all before it final.
    await Promise.all([...finals].map(([meter, at]) => store.retire(meter, at, finalHeight)));
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
      if (now >= this.#pausedUntilMs) {
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
    if (hasWork && now < this.#pausedUntilMs) nextMs = this.#pausedUntilMs;
    return Number.isFinite(nextMs) ? Math.max(1, nextMs - now) : undefined;
  }
}
