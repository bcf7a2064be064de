import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import type { Plan } from "@gridledger/protocol/messages/plan";
import { BlockExecution } from "../state/executor.ts";
import { bytesKey, type PreparedTransaction } from "../state/prepared-transaction.ts";
import type { Head } from "./head.ts";

/** Messages wait no longer than this for a plan that runs. */
const SLICE_MS = 10;

interface RunningAheadDeps {
  readonly chain: Chain;
  readonly ledger: { readonly head: Head; readonly recent: { has(key: string): boolean } };
  readonly bodies: { get(key: string): PreparedTransaction | undefined };
  /** Monotonic time in ms. */
  readonly clock: () => number;
  /** Runs the work when messages that are here have been handled. */
  readonly defer: (work: () => void) => void;
}

interface Run {
  readonly head: Head;
  readonly timeMs: number;
  readonly execution: BlockExecution;
  /** Those of the plan that passed, in order. */
  readonly applied: PreparedTransaction[];
  readonly waiting: Iterator<Uint8Array>;
}

/**
 * Executes what a proposer says that it executes, while it does, so that its proposal finds the work done (ADR
 * 036). It can only save time: what the proposal names is compared transaction by transaction, and all its
 * roots afterwards.
 */
export class RunningAhead {
  readonly #deps: RunningAheadDeps;
  #run: Run | undefined;
  #heard: { readonly head: Head; readonly from: string } | undefined;

  constructor(deps: RunningAheadDeps) {
    this.#deps = deps;
  }

  /** Takes up a plan for the next block: one of each proposer, the last one's in the place of those before. */
  begin(from: string, { height, parentHash, timeMs, txHashes }: Plan): void {
    const { chain, ledger } = this.#deps;
    const { head } = ledger;
    if (!equalBytes(parentHash, head.hash) || height !== head.height + 1) return;
    if (this.#heard?.head === head && this.#heard.from === from) return;
    this.#heard = { head, from };
    const at = { height, timeMs, parentHash, ordered: head.breakGlass };
    const execution = new BlockExecution({ chain, recent: ledger.recent }, head.tree, at);
    const run = { head, timeMs, execution, applied: [], waiting: txHashes.values() };
    this.#run = run;
    this.#later(run);
  }

  /**
   * The execution of this block as far as it has come, where it has come along this block's transactions. It is
   * the caller's from here on.
   */
  take(
    { parentHash, timeMs }: Header,
    transactions: readonly PreparedTransaction[],
  ): BlockExecution | undefined {
    const run = this.#run;
    if (run === undefined || run.head !== this.#deps.ledger.head) return undefined;
    if (run.timeMs !== timeMs || !equalBytes(run.head.hash, parentHash)) return undefined;
    if (run.applied.some(({ key }, i) => key !== transactions[i]?.key)) return undefined;
    this.#run = undefined;
    return run.execution;
  }

  /** The head has moved. */
  clear(): void {
    this.#run = undefined;
    this.#heard = undefined;
  }

  #later(run: Run): void {
    this.#deps.defer(() => {
      if (this.#run === run && run.head === this.#deps.ledger.head) this.#slice(run);
    });
  }

  #slice(run: Run): void {
    const { clock, bodies } = this.#deps;
    const endMs = clock() + SLICE_MS;
    do {
      const next = run.waiting.next();
      const transaction = next.done ? undefined : bodies.get(bytesKey(next.value));
      // The rest is executed with the proposal.
      if (transaction === undefined) return;
      if (run.execution.apply(transaction) === undefined) run.applied.push(transaction);
    } while (clock() < endMs);
    this.#later(run);
  }
}
