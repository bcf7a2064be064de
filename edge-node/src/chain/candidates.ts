import type { ProposedBlock } from "../consensus/ports.ts";
import type { Execution } from "../state/executor.ts";
import { bytesKey, type PreparedTransaction } from "../state/prepared-transaction.ts";

const MAX_CANDIDATES = 8;

/** A proposal whose transactions ran and whose roots agree. */
export interface Candidate {
  readonly block: ProposedBlock;
  readonly transactions: readonly PreparedTransaction[];
  readonly execution: Execution;
}

/** Proposals of the next height that were executed: the one that is decided is not executed again. */
export class Candidates {
  readonly #byHash = new Map<string, Candidate>();

  add(candidate: Candidate): void {
    const key = bytesKey(candidate.block.blockHash);
    if (this.#byHash.size >= MAX_CANDIDATES && !this.#byHash.has(key)) {
      const oldest = this.#byHash.keys().next();
      if (!oldest.done) this.#byHash.delete(oldest.value);
    }
    this.#byHash.set(key, candidate);
  }

  get(blockHash: Uint8Array): Candidate | undefined {
    return this.#byHash.get(bytesKey(blockHash));
  }

  body(key: string): PreparedTransaction | undefined {
    for (const { transactions } of this.#byHash.values()) {
      const found = transactions.find((transaction) => transaction.key === key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  clear(): void {
    this.#byHash.clear();
  }
}
