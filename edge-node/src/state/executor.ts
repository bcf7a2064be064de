import { encodeReceipt, receiptOf } from "@gridledger/protocol/contracts/receipt";
import { Fault } from "@gridledger/protocol/faults";
import { type Chain, gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import type { Turn } from "@gridledger/protocol/ledger/turns";
import type { Validator } from "@gridledger/protocol/ledger/validators";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { endTurn } from "./end-turn.ts";
import { executeScheduled } from "./governance/end-block.ts";
import type { PreparedTransaction } from "./prepared-transaction.ts";
import { rememberParent } from "./recent-hashes.ts";
import { type RecentTransaction, writeRecent } from "./recent-transactions.ts";
import { StateView, type StateWrite } from "./state-view.ts";
import {
  type BlockPlace,
  isContractOperation,
  type Operation,
  type Sender,
} from "./transaction-kind.ts";

/** How programs of Ethereum call a contract transaction, and where it stands in its block. */
export interface ContractName {
  readonly index: number;
  /** 32 bytes. */
  readonly name: Uint8Array;
}

/** What a block's transactions make of its parent's state. */
export interface Execution {
  readonly tree: StateTree;
  readonly writes: readonly StateWrite[];
  /** Those that must be remembered against replay. */
  readonly recent: readonly RecentTransaction[];
  /** Encoded, of the contract transactions in order. */
  readonly receipts: readonly Uint8Array[];
  /** What programs of Ethereum call those transactions. */
  readonly names: readonly ContractName[];
  readonly gasUsed: number;
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
  /** The set that seals this block, where an order names it and not the state before. */
  #ordered: readonly Validator[] | undefined;
  readonly #receipts: Uint8Array[] = [];
  readonly #names: ContractName[] = [];
  #applied = 0;
  #gasUsed = 0;

  constructor(deps: ExecutorDeps, tree: StateTree, at: BlockPlace) {
    this.#deps = deps;
    this.#at = at;
    this.#view = new StateView(tree);
    this.#parent = tree;
  }

  /** How many transactions have been applied. */
  get applied(): number {
    return this.#applied;
  }

  /** Applies the transaction, or says which rule it breaks and leaves the state as it was. */
  apply(transaction: PreparedTransaction): Fault | undefined {
    const outOfWindow = transaction.checkWindow(this.#at.height);
    if (outOfWindow !== undefined) return outOfWindow;
    const sender = transaction.authorise(this.#view);
    if (sender instanceof Fault) return sender;
    const { operation, key, validUntilHeight } = transaction;
    const isOnce = operation.place === undefined;
    if (isOnce && (this.#once.has(key) || this.#deps.recent.has(key))) {
      return new Fault("TX_REPLAYED");
    }
    const broken = this.#checkGas(operation) ?? operation.check(this.#view, sender, this.#at);
    if (broken !== undefined) return broken;
    const { chain } = this.#deps;
    const unsigned = transaction.checkSignature(chain, sender.identity, this.#at.height);
    if (unsigned !== undefined) return unsigned;
    this.#carryOut(transaction, sender);
    this.#ordered = operation.breakGlass?.order.validators ?? this.#ordered;
    this.#applied++;
    if (isOnce) {
      this.#once.add(key);
      this.#recent.push({ hash: transaction.hash, validUntilHeight });
    }
    return undefined;
  }

  /**
   * After the last transaction: what the block does by itself, and the outcome. `by` says whose turn
   * the block was, where the engine has turns.
   */
  finish(by?: Omit<Turn, "height">): Execution {
    executeScheduled(this.#deps.chain, this.#view, this.#at.height);
    const sealing = { by, ordered: this.#ordered };
    endTurn(this.#deps.chain, new StateView(this.#parent), this.#view, this.#at, sealing);
    rememberParent(this.#view, this.#at);
    writeRecent(this.#view, this.#at.height, this.#recent);
    const done = { recent: this.#recent, receipts: this.#receipts, gasUsed: this.#gasUsed };
    return { ...this.#view.commit(), ...done, names: this.#names };
  }

  /** Guide §5.2.1: what a block's contracts may take is bounded. */
  #checkGas(operation: Operation): Fault | undefined {
    if (!isContractOperation(operation)) return undefined;
    const left = gasPolicyOf(this.#deps.chain).maxBlockGas - this.#gasUsed;
    if (operation.gasLimit <= left) return undefined;
    return new Fault(
      "BLOCK_GAS_FULL",
      `gas limit ${operation.gasLimit}, the block has ${left} left`,
    );
  }

  #carryOut(transaction: PreparedTransaction, sender: Sender): void {
    const { operation } = transaction;
    if (!isContractOperation(operation)) {
      operation.write(this.#view, sender, this.#at);
      return;
    }
    const result = operation.run(this.#view, sender, this.#at);
    this.#gasUsed += result.gasUsed;
    this.#names.push({ index: this.#applied, name: operation.ethereumHash ?? transaction.hash });
    this.#receipts.push(encodeReceipt(receiptOf(result, this.#applied)));
  }
}

/**
 * All the transactions in order, or the fault of the first that breaks a rule.
 *
 * @param begun this block's, with the first of these transactions applied
 */
export function executeBlock(
  deps: ExecutorDeps,
  tree: StateTree,
  at: BlockPlace & Partial<Turn>,
  transactions: readonly PreparedTransaction[],
  begun?: BlockExecution,
): Execution | Fault {
  const execution = begun ?? new BlockExecution(deps, tree, at);
  for (let index = execution.applied; index < transactions.length; index++) {
    const fault = execution.apply(transactions[index]!);
    if (fault !== undefined) {
      return new Fault(fault.code, `transaction ${index}: ${fault.message}`, { cause: fault });
    }
  }
  const { proposer, round } = at;
  if (proposer === undefined || round === undefined) return execution.finish();
  return execution.finish({ proposer, round });
}
