import type { FaultCode } from "@gridledger/protocol/faults";

/** These say "not now" or "I have it": the transaction may still become final. */
const passing: ReadonlySet<FaultCode> = new Set<FaultCode>([
  "MEMPOOL_FULL",
  "MEMPOOL_SENDER_LIMIT",
  "TX_REPLAYED",
  "NOT_READY",
  "GOVERNANCE_BUSY",
  "STORE_FULL",
  "INTERNAL",
]);

/** A batch that came before the one it follows is taken later: it has this long to become due. */
const SEQUENCE_PATIENCE_MS = 60_000;

/**
 * Counts which validators refuse a transaction. A refusal is unsigned and one validator may lie, so
 * f+1 of them must agree that it never will be taken.
 */
export class RefusalTally {
  readonly #faultTolerance: () => number;
  readonly #voters = new Map<string, Set<string>>();

  /** @param faultTolerance f of the validator set */
  constructor(faultTolerance: () => number) {
    this.#faultTolerance = faultTolerance;
  }

  /** True when the refusal settles the transaction. @param ageMs since it was handed in */
  settles(hash: string, code: FaultCode, validator: string, ageMs: number): boolean {
    if (passing.has(code)) return false;
    if (code === "BATCH_SEQUENCE" && ageMs < SEQUENCE_PATIENCE_MS) return false;
    const voters = this.#voters.get(hash) ?? new Set();
    this.#voters.set(hash, voters.add(validator));
    return voters.size > this.#faultTolerance();
  }

  forget(hash: string): void {
    this.#voters.delete(hash);
  }
}
