import { bytesKey, type PreparedTransaction } from "../state/prepared-transaction.ts";

const MAX_WANTED = 65_536;

interface BodiesDeps {
  readonly pool: { get(key: string): PreparedTransaction | undefined };
}

/**
 * Transactions by their hash for proposals: from the mempool, or fetched because a proposal names
 * them. Only what is wanted is held, so that nobody can fill the memory with bodies.
 */
export class Bodies {
  readonly #deps: BodiesDeps;
  readonly #wanted = new Set<string>();
  readonly #held = new Map<string, PreparedTransaction>();

  constructor(deps: BodiesDeps) {
    this.#deps = deps;
  }

  get(key: string): PreparedTransaction | undefined {
    return this.#held.get(key) ?? this.#deps.pool.get(key);
  }

  /** True while a proposal waits for at least one. */
  get isWaiting(): boolean {
    return this.#wanted.size > 0;
  }

  /** Of these hashes those that did not come yet. */
  stillWanted(txHashes: readonly Uint8Array[]): Uint8Array[] {
    return txHashes.filter((hash) => this.#wanted.has(bytesKey(hash)));
  }

  want(txHashes: readonly Uint8Array[]): void {
    for (const hash of txHashes) {
      if (this.#wanted.size >= MAX_WANTED) return;
      this.#wanted.add(bytesKey(hash));
    }
  }

  /** True when the transaction was wanted. */
  offer(transaction: PreparedTransaction): boolean {
    if (!this.#wanted.delete(transaction.key)) return false;
    this.#held.set(transaction.key, transaction);
    return true;
  }

  /** Holds bodies that this node has voted for before it was restarted. */
  restore(transactions: readonly PreparedTransaction[]): void {
    for (const transaction of transactions) this.#held.set(transaction.key, transaction);
  }

  clear(): void {
    this.#wanted.clear();
    this.#held.clear();
  }
}
