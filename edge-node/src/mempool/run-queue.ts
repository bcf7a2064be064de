import { equalBytes } from "@gridledger/protocol/hex";
import type { PoolEntry } from "./pool-entry.ts";

/** Where a run stands on the chain: the number that comes next, and what it must follow. */
export interface RunStanding {
  readonly next: number;
  readonly lastHash: Uint8Array;
}

/**
 * What waits of one run: the batches of a meter from one sender, or an account's transactions. They may
 * arrive in any order; those that follow the chain's last without a gap can go into a block.
 */
export class RunQueue {
  readonly run: string;
  /** Who the pool counts them for. */
  readonly owner: string;
  readonly #entries = new Map<number, PoolEntry>();
  #next: number;
  #lastHash: Uint8Array;

  constructor(owner: string, run: string, { next, lastHash }: RunStanding) {
    this.owner = owner;
    this.run = run;
    this.#next = next;
    this.#lastHash = lastHash;
  }

  get next(): number {
    return this.#next;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** True when what the chain expects is here. */
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

  /** The head of the queue, if it can never follow the chain's last. */
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

  /** Those that can go into a block one after the other. */
  *inOrder(): IterableIterator<PoolEntry> {
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
