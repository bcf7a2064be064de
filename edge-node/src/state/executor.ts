import { Fault } from "@gridledger/protocol/faults";
import { membershipOf } from "@gridledger/protocol/governance/governance-state";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { recordTurn, type Turn } from "@gridledger/protocol/ledger/turns";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { executeScheduled } from "./governance/end-block.ts";
import type { PreparedTransaction } from "./prepared-transaction.ts";
import { rememberParent } from "./recent-hashes.ts";
import { type RecentTransaction, writeRecent } from "./recent-transactions.ts";
import { StateView, type StateWrite } from "./state-view.ts";
import type { BlockPlace } from "./transaction-kind.ts";

/** What a block's transactions make of its parent's state. */
export interface Execution {
  readonly tree: StateTree;
  readonly writes: readonly StateWrite[];
  /** Those that must be remembered against replay. */
  readonly recent: readonly RecentTransaction[];
}

interface ExecutorDeps {
  readonly chain: Chain;
  /** Final transactions, by `PreparedTransaction.key`. */
  readonly recent: { has(key: string): boolean };
}

/** One block in the making: transactions are tried one after the other. */
export class BlockExecution {
  readonly #deps: ExecutorDeps;
  readonly #at: BlockPlace;
  readonly #view: StateView;
  readonly #parent: StateTree;
  readonly #once = new Set<string>();
  readonly #recent: RecentTransaction[] = [];

  constructor(deps: ExecutorDeps, tree: StateTree, at: BlockPlace) {
    this.#deps = deps;
    this.#at = at;
    this.#view = new StateView(tree);
    this.#parent = tree;
  }

  /** Applies the transaction, or says which rule it breaks and leaves the state as it was. */
  apply(transaction: PreparedTransaction): Fault | undefined {
    const outOfWindow = transaction.checkWindow(this.#at.height);
    if (outOfWindow !== undefined) return outOfWindow;
    const sender = transaction.authorise(this.#view);
    if (sender instanceof Fault) return sender;
    const { operation, key, hash, validUntilHeight } = transaction;
    const isOnce = operation.place === undefined;
    if (isOnce && (this.#once.has(key) || this.#deps.recent.has(key))) {
      return new Fault("TX_REPLAYED");
    }
    const broken = operation.check(this.#view, sender, this.#at);
    if (broken !== undefined) return broken;
    if (!transaction.verify(this.#deps.chain, sender.identity.publicKey)) {
      return new Fault("SIGNATURE_INVALID");
    }
    operation.write(this.#view, sender, this.#at);
    if (isOnce) {
      this.#once.add(key);
      this.#recent.push({ hash, validUntilHeight });
    }
    return undefined;
  }

  /**
   * After the last transaction: what the block does by itself, and the outcome. `by` says whose turn
   * the block was, where the engine has turns.
   */
  finish(by?: Omit<Turn, "height">): Execution {
    executeScheduled(this.#deps.chain, this.#view, this.#at.height);
    if (by !== undefined) this.#recordTurn(by);
    rememberParent(this.#view, this.#at);
    writeRecent(this.#view, this.#at.height, this.#recent);
    return { ...this.#view.commit(), recent: this.#recent };
  }

  #recordTurn({ proposer, round }: Omit<Turn, "height">): void {
    const { chain } = this.#deps;
    const { height } = this.#at;
    const before = membershipOf(chain, new StateView(this.#parent)).validators;
    const after = membershipOf(chain, this.#view).validators;
    recordTurn(this.#view, before, after, { height, proposer, round });
  }
}

/** All the transactions in order, or the fault of the first that breaks a rule. */
export function executeBlock(
  deps: ExecutorDeps,
  tree: StateTree,
  at: BlockPlace & Partial<Turn>,
  transactions: readonly PreparedTransaction[],
): Execution | Fault {
  const execution = new BlockExecution(deps, tree, at);
  for (const [index, transaction] of transactions.entries()) {
    const fault = execution.apply(transaction);
    if (fault !== undefined) {
      return new Fault(fault.code, `transaction ${index}: ${fault.message}`, { cause: fault });
    }
  }
  const { proposer, round } = at;
  if (proposer === undefined || round === undefined) return execution.finish();
  return execution.finish({ proposer, round });
}
