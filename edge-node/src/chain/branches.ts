import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import type {
  BlockCheck,
  BranchDraft,
  BranchPort,
  HeaderRules,
  ProposedBlock,
} from "../consensus/ports.ts";
import { BlockExecution, type Execution, executeBlock } from "../state/executor.ts";
import { bytesKey, type PreparedTransaction } from "../state/prepared-transaction.ts";
import { mayFitLater } from "../state/transaction-kind.ts";
import {
  checkFreshness,
  checkHeader,
  checkOutcome,
  checkSize,
  checkTransactionHashes,
} from "./block-rules.ts";
import type { Candidate } from "./candidates.ts";
import { draftBlock } from "./draft-block.ts";
import { type Head, headAfter } from "./head.ts";
import { indexIn } from "./proposals.ts";

/** More never stand above the last final block; the engine keeps far fewer. */
const MAX_BRANCH_BLOCKS = 512;

interface BranchesDeps {
  readonly chain: Chain;
  /** What the engine asks of the header after a head. */
  readonly rulesAfter: (head: Head) => HeaderRules;
  readonly ledger: { readonly head: Head; readonly recent: { has(key: string): boolean } };
  readonly pool: {
    get(key: string): PreparedTransaction | undefined;
    add(transaction: PreparedTransaction): Fault | undefined;
    take(maxBytes: number, maxCount: number): PreparedTransaction[];
    drop(key: string, fault: Fault): void;
  };
  readonly bodies: { get(key: string): PreparedTransaction | undefined };
  /** Unix time in ms. */
  readonly now: () => number;
}

interface BranchesOptions {
  /** This node's key; undefined for a node that builds nothing. */
  readonly publicKey: Uint8Array | undefined;
}

/** A block that is not final, with the state after it. */
interface Branch extends Candidate {
  readonly head: Head;
  readonly parentKey: string;
  readonly keys: ReadonlySet<string>;
}

/**
 * Blocks above the last final one, each executed on its own parent. A state tree is immutable and shares
 * what did not change, so every block keeps its own and a change of branch undoes nothing.
 */
export class Branches implements BranchPort {
  readonly #deps: BranchesDeps;
  readonly #options: BranchesOptions;
  /** Parents stand before what follows them. */
  readonly #blocks = new Map<string, Branch>();
  /** What was built last: when it comes back with a nonce it is not executed again. */
  #draft: Candidate | undefined;

  constructor(deps: BranchesDeps, options: BranchesOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get(blockHash: Uint8Array): Candidate | undefined {
    return this.#blocks.get(bytesKey(blockHash));
  }

  find(blockHash: Uint8Array): Head | undefined {
    const { head } = this.#deps.ledger;
    if (equalBytes(blockHash, head.hash)) return head;
    return this.#blocks.get(bytesKey(blockHash))?.head;
  }

  body(key: string): PreparedTransaction | undefined {
    for (const { keys, transactions } of this.#blocks.values()) {
      if (keys.has(key)) return transactions.find((transaction) => transaction.key === key);
    }
    return undefined;
  }

  build(
    parentHash: Uint8Array,
    { mayBeEmpty, notBeforeMs, engineData }: Parameters<BranchPort["build"]>[1],
  ): ProposedBlock | undefined {
    const { chain, now } = this.#deps;
    const parent = this.find(parentHash);
    if (parent === undefined) return undefined;
    const proposer = indexIn(parent.validators, this.#options.publicKey);
    if (proposer < 0) return undefined;
    const timeMs = Math.max(now(), notBeforeMs);
    const { transactions, execution } = this.#gather(parent, { timeMs, proposer });
    if (transactions.length === 0 && !mayBeEmpty) return undefined;
    const txHashes = transactions.map(({ hash }) => hash);
    const draft: BranchDraft = { timeMs, txCount: txHashes.length };
    const fields = { proposer, round: 0, timeMs, engineData: engineData(draft) };
    const block = draftBlock(chain, parent, fields, txHashes, execution);
    this.#draft = { block, transactions, execution };
    return block;
  }

  check(block: ProposedBlock, fresh: boolean): BlockCheck {
    const { chain, rulesAfter, now } = this.#deps;
    const { header, blockHash, txHashes } = block;
    if (this.#blocks.has(bytesKey(blockHash))) return { ok: true };
    const parent = this.find(header.parentHash);
    if (parent === undefined) return refused(new Fault("BLOCK_INVALID", "an unknown parent"));
    const fault =
      checkHeader(chain, rulesAfter(parent), parent, header) ??
      (fresh && checkFreshness(header, now()) !== undefined
        ? new Fault("WORK_TIME", `${header.timeMs - now()} ms ahead of this node's clock`)
        : checkTransactionHashes(chain, header, txHashes));
    if (fault !== undefined) return refused(fault);
    const transactions = this.#transactionsOf(txHashes);
    if (!Array.isArray(transactions)) return { ok: false, missing: transactions.missing };
    const execution = this.#execute(parent, block, transactions);
    if (execution instanceof Fault) return refused(execution);
    this.#keep(parent, { block, transactions, execution });
    return { ok: true };
  }

  /**
   * The head has moved: what does not follow from it can never be final, and its transactions wait
   * again where they are in no other block.
   */
  onHead(): void {
    const { ledger, pool } = this.#deps;
    this.#draft = undefined;
    const kept = new Set([bytesKey(ledger.head.hash)]);
    const lost: PreparedTransaction[] = [];
    for (const [key, { parentKey, transactions }] of this.#blocks) {
      if (kept.has(parentKey)) kept.add(key);
      else {
        this.#blocks.delete(key);
        if (!kept.has(key)) lost.push(...transactions);
      }
    }
    // What is final already is refused as such.
    for (const transaction of lost) {
      if (pool.get(transaction.key) === undefined) pool.add(transaction);
    }
  }

  #gather(
    parent: Head,
    { timeMs, proposer }: Pick<Header, "timeMs" | "proposer">,
  ): Pick<Candidate, "transactions" | "execution"> {
    const { chain, pool } = this.#deps;
    const { maxBlockBytes, maxBlockTransactions } = chain.genesis.policy;
    const ancestors = this.#upTo(parent.hash);
    const at = { height: parent.height + 1, timeMs, parentHash: parent.hash };
    const run = new BlockExecution({ chain, recent: this.#recent(ancestors) }, parent.tree, at);
    const transactions: PreparedTransaction[] = [];
    let bytes = 0;
    const isFinalContent = ancestors.every((branch) => branch.transactions.length === 0);
    const blocks = ancestors.length + 1;
    for (const transaction of pool.take(maxBlockBytes * blocks, maxBlockTransactions * blocks)) {
      if (ancestors.some(({ keys }) => keys.has(transaction.key))) continue;
      bytes += transaction.encoded.length;
      if (bytes > maxBlockBytes || transactions.length >= maxBlockTransactions) break;
      const fault = run.apply(transaction);
      if (fault === undefined) transactions.push(transaction);
      // On another state it may still be right: it only leaves where the final state refuses it.
      else if (isFinalContent && !mayFitLater(fault)) pool.drop(transaction.key, fault);
    }
    return { transactions, execution: run.finish({ proposer, round: 0 }) };
  }

  #execute(
    parent: Head,
    block: ProposedBlock,
    transactions: readonly PreparedTransaction[],
  ): Execution | Fault {
    const { chain } = this.#deps;
    const { header } = block;
    const draft = this.#draft;
    // The same transactions at the same time on the same parent: only the nonce is new.
    const isBuilt =
      draft?.block.txHashes === block.txHashes &&
      draft.block.header.timeMs === header.timeMs &&
      equalBytes(draft.block.header.parentHash, header.parentHash);
    const deps = { chain, recent: this.#recent(this.#upTo(parent.hash)) };
    const execution = isBuilt
      ? draft.execution
      : (checkSize(chain, transactions) ?? executeBlock(deps, parent.tree, header, transactions));
    if (execution instanceof Fault) return execution;
    return checkOutcome(chain, header, execution) ?? execution;
  }

  #keep(parent: Head, candidate: Candidate): void {
    if (this.#blocks.size >= MAX_BRANCH_BLOCKS) return;
    const { block, transactions, execution } = candidate;
    const { header, blockHash } = block;
    const { chain } = this.#deps;
    this.#blocks.set(bytesKey(blockHash), {
      ...candidate,
      head: headAfter(chain, header, blockHash, execution.tree, parent.recentTimesMs),
      parentKey: bytesKey(parent.hash),
      keys: new Set(transactions.map(({ key }) => key)),
    });
  }

  #transactionsOf(
    txHashes: readonly Uint8Array[],
  ): PreparedTransaction[] | { readonly missing: Uint8Array[] } {
    const transactions: PreparedTransaction[] = [];
    const missing: Uint8Array[] = [];
    for (const hash of txHashes) {
      const key = bytesKey(hash);
      const found = this.#deps.bodies.get(key) ?? this.body(key);
      if (found === undefined) missing.push(hash);
      else transactions.push(found);
    }
    return missing.length > 0 ? { missing } : transactions;
  }

  /** The block and those before it, down to the head. */
  #upTo(blockHash: Uint8Array): Branch[] {
    const found: Branch[] = [];
    let branch = this.#blocks.get(bytesKey(blockHash));
    for (; branch !== undefined; branch = this.#blocks.get(branch.parentKey)) found.push(branch);
    return found;
  }

  #recent(ancestors: readonly Branch[]): { has(key: string): boolean } {
    const { recent } = this.#deps.ledger;
    return { has: (key) => recent.has(key) || ancestors.some(({ keys }) => keys.has(key)) };
  }
}

function refused(fault: Fault): BlockCheck {
  return { ok: false, fault };
}
