import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Transaction } from "@gridledger/protocol/ledger/transaction";
import { faultTolerance, type Validator } from "@gridledger/protocol/ledger/validators";
import { decodeRefusal } from "@gridledger/protocol/messages/refusal";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { parseTopic, topics } from "@gridledger/protocol/topics";
import type { Bus } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { checkSubmission, checkValidity } from "./check-submission.ts";
import type { OutboxEntry, OutboxTable, Refusal, Spooled } from "./outbox-table.ts";
import { RefusalTally } from "./refusal-tally.ts";

const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 67_108_864;
/** Sent again while not final. */
const RESEND_MS = 5_000;
/** One message of resent transactions. */
const MAX_MESSAGE_BYTES = 262_144;
/** The rest has its turn the next time. */
const MAX_RESENT_AT_ONCE = 2_000;
const KEEP_REFUSED_MS = 86_400_000;

export interface Submitted {
  /** Hex. */
  readonly hash: string;
  readonly state: "final" | "spooled";
  readonly height: number | null;
}

interface OutboxDeps {
  readonly chain: Chain;
  readonly table: OutboxTable;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly findIdentity: Parameters<typeof checkSubmission>[1];
  /** Of the next height. */
  readonly validators: () => readonly Validator[];
  readonly headHeight: () => number;
  readonly finalHeight: (hash: Uint8Array) => Promise<number | undefined>;
}

interface OutboxOptions {
  /** The hub's identity id. */
  readonly self: string;
}

/** Undefined: neither yet. */
type Outcome = { readonly height: number } | Refusal | undefined;
type Waiter = (outcome: Outcome) => void;

/** Transactions that were handed in over REST: kept durably, sent until they are final or refused. */
export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #options: OutboxOptions;
  readonly #tally: RefusalTally;
  /** In the order in which they are sent next. */
  readonly #waiting = new Map<string, Spooled>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  #waitingBytes = 0;
  #waitsNoMore = false;
  #cancel: () => void = () => {};
  #writes: Promise<unknown> = Promise.resolve();

  constructor(deps: OutboxDeps, options: OutboxOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#tally = new RefusalTally(() => faultTolerance(deps.validators().length));
  }

  /** Goes on with what was spooled before. */
  async start(): Promise<void> {
    const { bus, chain, table } = this.#deps;
    for (const entry of await table.spooled()) {
      const height = await this.#deps.finalHeight(Buffer.from(entry.hash, "hex"));
      if (height === undefined) this.#keep(entry);
      else await table.remove([entry.hash]);
    }
    const { channel } = chain.genesis;
    bus.subscribe(`gl/${channel}/e/+/+`, (topic, payload) => this.#onRefusal(topic, payload));
    this.#tick();
  }

  /** The hub goes down: whoever waits, now or from here on, hears at once that it is spooled. */
  endWaits(): void {
    this.#waitsNoMore = true;
    for (const waiters of [...this.#waiters.values()]) {
      for (const waiter of [...waiters]) waiter(undefined);
    }
  }

  async stop(): Promise<void> {
    this.endWaits();
    this.#cancel();
    await this.#writes;
  }

  /** Transactions that are not yet final or refused. */
  get size(): number {
    return this.#waiting.size;
  }

  find(hash: Uint8Array): Promise<OutboxEntry | undefined> {
    return this.#deps.table.find(hash);
  }

  /**
   * Takes a signed transaction. When this has returned it is on the disk, or already final.
   *
   * @throws Fault what a validator would say to it, MEMPOOL_FULL
   */
  async submit(encoded: Uint8Array, waitMs: number): Promise<Submitted> {
    const { chain, findIdentity, finalHeight, headHeight } = this.#deps;
    const transaction = checkSubmission(chain, findIdentity, encoded);
    const hash = formatHex(transaction.hash);
    const height = await finalHeight(transaction.hash);
    if (height !== undefined) return { hash, state: "final", height };
    if (!this.#waiting.has(hash)) {
      checkValidity(transaction, headHeight());
      await this.#spool(hash, transaction);
    }
    if (waitMs === 0 || this.#waitsNoMore) return { hash, state: "spooled", height: null };
    return this.#wait(transaction.hash, hash, waitMs);
  }

  /** Blocks became durable: what they hold is done. */
  onFinal(hashes: readonly Uint8Array[], height: number): void {
    if (this.#waiting.size === 0) return;
    const done: string[] = [];
    for (const bytes of hashes) {
      const hash = formatHex(bytes);
      if (!this.#waiting.has(hash)) continue;
      this.#drop(hash);
      this.#settle(hash, { height });
      done.push(hash);
    }
    if (done.length > 0) this.#write(() => this.#deps.table.remove(done));
  }

  async #spool(hash: string, transaction: Transaction): Promise<void> {
    if (this.#waiting.size >= MAX_WAITING || this.#waitingBytes >= MAX_WAITING_BYTES) {
      throw new Fault("MEMPOOL_FULL", "the hub's spool is full; send it again later");
    }
    const { clock, table } = this.#deps;
    const { encoded, validUntilHeight } = transaction;
    const entry = { hash, encoded, validUntilHeight, createdMs: clock.now() };
    // Kept before it is written: the device may have sent it too, and its block may come meanwhile.
    this.#keep(entry);
    try {
      await table.put(entry);
    } catch (thrown) {
      this.#drop(hash);
      throw thrown;
    }
    if (this.#waiting.has(hash)) this.#send([encoded]);
    else this.#write(() => table.remove([hash]));
  }

  async #wait(hashBytes: Uint8Array, hash: string, waitMs: number): Promise<Submitted> {
    const spooled = { hash, state: "spooled", height: null } as const;
    const outcome = this.#waiting.has(hash) ? await this.#outcome(hash, waitMs) : undefined;
    if (outcome === undefined) {
      // It may have become final between the spooling and the waiting.
      const height = await this.#deps.finalHeight(hashBytes);
      return height === undefined ? spooled : { hash, state: "final", height };
    }
    if ("code" in outcome) throw new Fault(outcome.code, outcome.detail);
    return { hash, state: "final", height: outcome.height };
  }

  #outcome(hash: string, waitMs: number): Promise<Outcome> {
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(hash) ?? new Set();
      const cancel = this.#deps.clock.after(waitMs, () => done(undefined));
      const done = (outcome: Outcome) => {
        cancel();
        waiters.delete(done);
        if (waiters.size === 0) this.#waiters.delete(hash);
        resolve(outcome);
      };
      this.#waiters.set(hash, waiters.add(done));
    });
  }

  #keep(entry: Spooled): void {
    this.#waiting.set(entry.hash, entry);
    this.#waitingBytes += entry.encoded.length;
  }

  #drop(hash: string): void {
    this.#waitingBytes -= this.#waiting.get(hash)?.encoded.length ?? 0;
    this.#waiting.delete(hash);
    this.#tally.forget(hash);
  }

  #settle(hash: string, outcome: Outcome): void {
    for (const waiter of [...(this.#waiters.get(hash) ?? [])]) waiter(outcome);
  }

  #onRefusal(topic: string, payload: Uint8Array): void {
    if (this.#waiting.size === 0) return;
    try {
      const { publisher } = parseTopic(topic);
      if (!this.#isValidator(publisher)) return;
      const { txHash, code, detail } = decodeRefusal(payload);
      const hash = formatHex(txHash);
      const entry = this.#waiting.get(hash);
      if (entry === undefined) return;
      const ageMs = this.#deps.clock.now() - entry.createdMs;
      if (this.#tally.settles(hash, code, publisher, ageMs)) this.#refuse(hash, { code, detail });
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      this.#deps.log.debug({ code: thrown.code }, "ignored a bad refusal");
    }
  }

  #isValidator(id: string): boolean {
    const { chain, validators } = this.#deps;
    return validators().some(
      ({ publicKey }) => formatHex(identityId(chain.suite.hash, publicKey)) === id,
    );
  }

  #refuse(hash: string, refusal: Refusal): void {
    this.#drop(hash);
    this.#settle(hash, refusal);
    this.#write(() => this.#deps.table.refuse(hash, refusal, this.#deps.clock.now()));
  }

  #tick(): void {
    const { clock, headHeight, table } = this.#deps;
    for (const { hash, validUntilHeight } of [...this.#waiting.values()]) {
      if (validUntilHeight >= headHeight()) continue;
      const detail = `was valid until height ${validUntilHeight}`;
      this.#refuse(hash, { code: "TX_EXPIRED", detail });
    }
    this.#resend();
    this.#write(() => table.forgetRefused(clock.now() - KEEP_REFUSED_MS));
    this.#cancel = clock.after(RESEND_MS, () => this.#tick());
  }

  #resend(): void {
    let message: Uint8Array[] = [];
    let bytes = 0;
    for (const entry of [...this.#waiting.values()].slice(0, MAX_RESENT_AT_ONCE)) {
      // To the end of the line: the next time others come first.
      this.#waiting.delete(entry.hash);
      this.#waiting.set(entry.hash, entry);
      if (bytes + entry.encoded.length > MAX_MESSAGE_BYTES && message.length > 0) {
        this.#send(message);
        message = [];
        bytes = 0;
      }
      message.push(entry.encoded);
      bytes += entry.encoded.length + 5;
    }
    if (message.length > 0) this.#send(message);
  }

  #send(transactions: readonly Uint8Array[]): void {
    const { bus, chain } = this.#deps;
    const topic = topics.transaction(chain.genesis.channel, this.#options.self);
    bus.publish(topic, encodeTransactions(transactions));
  }

  /** One after the other, so that a removal never overtakes the refusal before it. */
  #write(work: () => Promise<unknown>): void {
    this.#writes = this.#writes.then(work).catch((thrown: unknown) => {
      this.#deps.log.error({ err: thrown }, "the outbox could not be written");
    });
  }
}
