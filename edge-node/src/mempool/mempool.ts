import { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { keyAt } from "@gridledger/protocol/ledger/identity-keys";
import { bytesKey, type PreparedTransaction } from "../state/prepared-transaction.ts";
import type { StateReader } from "../state/state-view.ts";
import type { BlockPlace, RunPlace, Sender } from "../state/transaction-kind.ts";
import type { PoolEntry } from "./pool-entry.ts";
import { RunQueue } from "./run-queue.ts";
import { SenderAccounts } from "./sender-account.ts";

/** Those of one run taken in one turn, so that a meter with a backlog leaves room for others. */
const RUN = 16;

/** The chain's head as the pool judges by it. */
interface PoolHead {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly timeMs: number;
  readonly state: StateReader;
  readonly breakGlass?: BlockPlace["ordered"];
}

interface MempoolDeps {
  readonly chain: Chain;
  readonly head: () => PoolHead;
  /** Final transactions whose window is open, by `PreparedTransaction.key`. */
  readonly recent: { has(key: string): boolean };
  /** Monotonic time in ms. */
  readonly clock: () => number;
  /** Unix time in ms. */
  readonly now: () => number;
  /** A transaction left the pool without entering the chain. */
  readonly onDropped?: (transaction: PreparedTransaction, fault: Fault) => void;
}

export interface MempoolLimits {
  readonly maxCount: number;
  readonly maxBytes: number;
  readonly maxPerSender: number;
  /** How far one may run ahead of the chain's last of its run. */
  readonly maxAhead: number;
}

export const DEFAULT_MEMPOOL_LIMITS: MempoolLimits = {
  maxCount: 12_288,
  maxBytes: 12 * 1024 * 1024,
  maxPerSender: 8_192,
  maxAhead: 512,
};

/** Transactions that wait for a block: verified once, ordered so that a block can be cut off the front. */
export class Mempool {
  readonly #deps: MempoolDeps;
  readonly #limits: MempoolLimits;
  readonly #entries = new Map<string, PoolEntry>();
  readonly #senders = new SenderAccounts();
  /** Transactions that no run orders, oldest first. */
  readonly #free = new Set<PoolEntry>();
  /** Queues whose next is here; the one that waited longest first. */
  readonly #ready = new Set<RunQueue>();
  readonly #expiring = new Map<number, Set<PoolEntry>>();
  #bytes = 0;

  constructor(deps: MempoolDeps, limits: MempoolLimits = DEFAULT_MEMPOOL_LIMITS) {
    this.#deps = deps;
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** True when a block could hold something of what waits. */
  get hasWork(): boolean {
    return this.#free.size > 0 || this.#ready.size > 0;
  }

  /** When the first in line arrived, of those that a block could hold, by the pool's clock. */
  get workSinceMs(): number | undefined {
    for (const entry of this.#free) return entry.arrivedMs;
    for (const queue of this.#ready) return queue.at(queue.next)?.arrivedMs;
    return undefined;
  }

  get(key: string): PreparedTransaction | undefined {
    return this.#entries.get(key)?.transaction;
  }

  /** How many of a run wait without a gap after the chain's last. */
  waitingOf(owner: string, run: string): number {
    let count = 0;
    for (const _ of this.#senders.find(owner, run)?.inOrder() ?? []) count++;
    return count;
  }

  /** Takes the transaction, or says why not. The signature is verified last: it costs the most. */
  add(transaction: PreparedTransaction): Fault | undefined {
    const { chain, head, now } = this.#deps;
    const { height, state, timeMs, hash: parentHash, breakGlass: ordered } = head();
    // A gateway whose clock lost its battery still knows that it is later than the last block.
    const at = { height: height + 1, timeMs: Math.max(now(), timeMs), parentHash, ordered };
    const outOfWindow = transaction.checkWindow(at.height);
    if (outOfWindow !== undefined) return outOfWindow;
    const { key, operation } = transaction;
    if (this.#entries.has(key)) return new Fault("TX_REPLAYED", "it is waiting already");
    const sender = transaction.authorise(state);
    if (sender instanceof Fault) return sender;
    const { place } = operation;
    const owner = ownerOf(transaction);
    const crowded = this.#checkRoom(transaction, owner);
    if (crowded !== undefined) return crowded;
    const queue = place === undefined ? undefined : this.#queueFor(owner, place, state);
    const isAhead = queue !== undefined && place !== undefined && place.sequence > queue.next;
    const broken = isAhead
      ? this.#checkAhead(queue, transaction, sender)
      : (this.#checkOnce(transaction) ?? operation.check(state, sender, at));
    if (broken !== undefined) return broken;
    const rival = place === undefined ? undefined : queue?.at(place.sequence);
    const counting = keyAt(chain, sender.identity, at.height);
    // One of a key that counts no more gives way: no block can hold it.
    // An account's own signature counts, and who carries its rival is another.
    const holds = place?.owner !== undefined || rival?.transaction.isSignedBy(counting);
    if (rival !== undefined && holds && !succeeds(transaction, rival)) {
      return new Fault("TX_REPLAYED", `number ${rival.place?.sequence} is waiting already`);
    }
    const unsigned = transaction.checkSignature(chain, sender.identity, at.height);
    if (unsigned !== undefined) return unsigned;
    if (rival !== undefined) this.#remove(rival);
    this.#insert(transaction, owner, queue);
    return undefined;
  }

  /**
   * Transactions that can go into the next block in this order, at most so many and so large. They
   * stay in the pool until a block brings them. Costs what is taken, not what waits.
   */
  take(maxBytes: number, maxCount: number): PreparedTransaction[] {
    const taken: PreparedTransaction[] = [];
    let bytes = 0;
    const offer = (entry: PoolEntry): boolean => {
      const { transaction } = entry;
      const size = transaction.encoded.length;
      if (taken.length >= maxCount || bytes + size > maxBytes) return false;
      bytes += size;
      taken.push(transaction);
      return true;
    };
    for (const entry of this.#free) if (!offer(entry)) return taken;
    takeInTurns(this.#ready, offer);
    return taken;
  }

  /** A transaction turned out not to be executable: it leaves, its meter's later ones wait on. */
  drop(key: string, fault: Fault): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#remove(entry);
    this.#deps.onDropped?.(entry.transaction, fault);
  }

  /** The head is now the block of this height with these transactions. */
  onBlock(height: number, transactions: readonly PreparedTransaction[]): void {
    for (const transaction of transactions) {
      const entry = this.#entries.get(transaction.key);
      if (entry !== undefined) this.#remove(entry);
      const { place } = transaction.operation;
      if (place !== undefined) this.#advance(ownerOf(transaction), place);
    }
    const fault = new Fault("TX_EXPIRED", `valid until ${height}, which is final`);
    for (const entry of this.#expiring.get(height) ?? []) this.drop(entry.transaction.key, fault);
    this.#expiring.delete(height);
  }

  /** Transactions that nobody has put into a block for `waitMs`: others may never have seen them. */
  *overdue(waitMs: number): IterableIterator<PreparedTransaction> {
    const now = this.#deps.clock();
    for (const entry of this.#entries.values()) {
      if (now - entry.arrivedMs < waitMs) return;
      if (now - entry.sentMs < waitMs) continue;
      entry.sentMs = now;
      yield entry.transaction;
    }
  }

  #checkRoom(transaction: PreparedTransaction, owner: string): Fault | undefined {
    const { maxCount, maxBytes, maxPerSender } = this.#limits;
    if (this.#entries.size >= maxCount) {
      return new Fault("MEMPOOL_FULL", `${maxCount} transactions are waiting`);
    }
    if (this.#bytes + transaction.encoded.length > maxBytes) {
      return new Fault("MEMPOOL_FULL", `${this.#bytes} bytes are waiting, at most ${maxBytes}`);
    }
    if (this.#senders.countOf(owner) >= maxPerSender) {
      return new Fault("MEMPOOL_SENDER_LIMIT", `${maxPerSender} of this sender are waiting`);
    }
    return undefined;
  }

  /** Before its rule: what it did must not speak against it, or its sender hears that it was refused. */
  #checkOnce({ key, operation }: PreparedTransaction): Fault | undefined {
    if (operation.place !== undefined || !this.#deps.recent.has(key)) return undefined;
    return new Fault("TX_REPLAYED", "it is final already");
  }

  #checkAhead(
    queue: RunQueue,
    { operation }: PreparedTransaction,
    sender: Sender,
  ): Fault | undefined {
    const { place } = operation;
    const broken = operation.checkAhead?.(this.#deps.head().state, sender);
    if (broken !== undefined || place === undefined) return broken;
    const isNear = place.sequence < queue.next + this.#limits.maxAhead;
    return isNear ? undefined : place.missing(queue.next);
  }

  /** The queue that it belongs to; a new one is not entered anywhere yet. */
  #queueFor(owner: string, place: RunPlace, state: StateReader): RunQueue {
    const found = this.#senders.find(owner, place.run);
    return found ?? new RunQueue(owner, place.run, place.standing(state));
  }

  #insert(transaction: PreparedTransaction, owner: string, queue: RunQueue | undefined): void {
    const { key, validUntilHeight, encoded } = transaction;
    const { place } = transaction.operation;
    const arrivedMs = this.#deps.clock();
    const entry: PoolEntry = { transaction, place, owner, arrivedMs, sentMs: arrivedMs };
    this.#entries.set(key, entry);
    this.#bytes += encoded.length;
    const expiring = this.#expiring.get(validUntilHeight);
    if (expiring === undefined) this.#expiring.set(validUntilHeight, new Set([entry]));
    else expiring.add(entry);
    const account = this.#senders.enter(owner);
    if (queue === undefined || place === undefined) {
      this.#free.add(entry);
      return;
    }
    queue.set(place.sequence, entry);
    account.queues.set(queue.run, queue);
    this.#settle(queue);
  }

  #remove(entry: PoolEntry): void {
    const { transaction, place, owner } = entry;
    this.#entries.delete(transaction.key);
    this.#bytes -= transaction.encoded.length;
    this.#expiring.get(transaction.validUntilHeight)?.delete(entry);
    this.#free.delete(entry);
    const queue = place === undefined ? undefined : this.#senders.find(owner, place.run);
    if (queue !== undefined && place !== undefined) {
      if (queue.at(place.sequence) === entry) queue.delete(place.sequence);
      this.#settle(queue);
    }
    this.#senders.leave(owner);
  }

  #advance(owner: string, place: RunPlace): void {
    const queue = this.#senders.find(owner, place.run);
    if (queue === undefined) return;
    for (const entry of queue.advance(place.sequence, place.payloadHash)) {
      this.drop(entry.transaction.key, entry.place?.stale() ?? place.stale());
    }
    this.#ready.delete(queue); // goes to the end of the line
    this.#settle(queue);
  }

  /** Puts the queue where it belongs after a change. */
  #settle(queue: RunQueue): void {
    const { misfit } = queue;
    if (misfit !== undefined) {
      const fault = new Fault("BATCH_LINK", `batch ${queue.next} follows another one`);
      this.drop(misfit.transaction.key, fault);
      return; // the drop settled it
    }
    if (queue.isReady) this.#ready.add(queue);
    else this.#ready.delete(queue);
    if (queue.isEmpty) this.#senders.drop(queue);
  }
}

/** Who a transaction counts for: so that one of them cannot fill the pool. */
function ownerOf({ sender, operation }: PreparedTransaction): string {
  return operation.place?.owner ?? bytesKey(sender);
}

/** The same batch signed again for longer takes the place of the first. */
function succeeds(transaction: PreparedTransaction, rival: PoolEntry): boolean {
  const { place } = transaction.operation;
  if (place === undefined || rival.place === undefined) return false;
  return (
    place.isSame(rival.place) && transaction.validUntilHeight > rival.transaction.validUntilHeight
  );
}

function takeInTurns(queues: Iterable<RunQueue>, offer: (entry: PoolEntry) => boolean): void {
  let waiting: IterableIterator<PoolEntry>[] = [];
  for (const queue of queues) {
    const run = queue.inOrder();
    const outcome = takeTurn(run, offer);
    if (outcome === "full") return;
    if (outcome === "more") waiting.push(run);
  }
  while (waiting.length > 0) {
    const again: IterableIterator<PoolEntry>[] = [];
    for (const run of waiting) {
      const outcome = takeTurn(run, offer);
      if (outcome === "full") return;
      if (outcome === "more") again.push(run);
    }
    waiting = again;
  }
}

function takeTurn(
  run: IterableIterator<PoolEntry>,
  offer: (entry: PoolEntry) => boolean,
): "full" | "more" | "done" {
  for (let turn = 0; turn < RUN; turn++) {
    const next = run.next();
    if (next.done) return "done";
    if (!offer(next.value)) return "full";
  }
  return "more";
}
