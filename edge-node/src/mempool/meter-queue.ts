import { equalBytes } from "@gridledger/protocol/hex";
import type { PoolEntry } from "./pool-entry.ts";

/**
 * The waiting batches of one meter from one sender. They may arrive in any order; those that follow
 * the chain's last batch without a gap can go into a block.
 */
export class MeterQueue {
  readonly meter: string;
  /** `bytesKey` of the sender. */
  readonly sender: string;
  readonly #entries = new Map<number, PoolEntry>();
  #next: number;
  #lastHash: Uint8Array;

  /** `next` is the sequence that the chain expects, `lastHash` the payload hash before it. */
  constructor(sender: string, meter: string, next: number, lastHash: Uint8Array) {
    this.sender = sender;
    this.meter = meter;
    this.#next = next;
    this.#lastHash = lastHash;
  }

  get next(): number {
    return this.#next;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** True when the batch that the chain expects is here. */
  get isReady(): boolean {
    return this.#follower(this.#next, this.#lastHash) !== undefined;
  }

  at(sequence: number): PoolEntry | undefined {
    return this.#entries.get(sequence);
  }

  set(sequence: number, entry: PoolEntry): void {
    this.#entries.set(sequence, entry);
  }

  delete(sequence: number): void {
    this.#entries.delete(sequence);
  }

  /** The head of the queue, if it can never follow the chain's last batch. */
  get misfit(): PoolEntry | undefined {
    const entry = this.#entries.get(this.#next);
    return entry === undefined || this.isReady ? undefined : entry;
  }

  /** The chain now holds `sequence`; gives those that this makes stale. */
  advance(sequence: number, payloadHash: Uint8Array): PoolEntry[] {
    const stale: PoolEntry[] = [];
    for (let at = this.#next; at <= sequence && this.#entries.size > 0; at++) {
      const entry = this.#entries.get(at);
      if (entry === undefined) continue;
      stale.push(entry);
      this.#entries.delete(at);
    }
    this.#next = sequence + 1;
    this.#lastHash = payloadHash;
    return stale;
  }

  /** The batches that can go into a block one after the other. */
  *run(): IterableIterator<PoolEntry> {
    let hash = this.#lastHash;
    for (let sequence = this.#next; ; sequence++) {
      const entry = this.#follower(sequence, hash);
      if (entry === undefined) return;
      yield entry;
      hash = entry.place!.payloadHash;
    }
  }

  #follower(sequence: number, hash: Uint8Array): PoolEntry | undefined {
    const entry = this.#entries.get(sequence);
    if (entry?.place === undefined) return undefined;
    return equalBytes(entry.place.previousHash, hash) ? entry : undefined;
  }
}
