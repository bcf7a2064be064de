import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import type { ValidatorSet } from "@gridledger/protocol/ledger/validators";
import { MAX_PLANNED, type Plan } from "@gridledger/protocol/messages/plan";
import type { BlockCheck, BlockPort, HeaderRules, ProposedBlock } from "../consensus/ports.ts";
import { BlockExecution, type Execution } from "../state/executor.ts";
import { bytesKey, type PreparedTransaction } from "../state/prepared-transaction.ts";
import { isContractOperation, mayFitLater } from "../state/transaction-kind.ts";
import { checkFreshness, checkHeader, checkSize, checkTransactionHashes } from "./block-rules.ts";
import type { Candidates } from "./candidates.ts";
import { draftBlock } from "./draft-block.ts";
import type { Head } from "./head.ts";
import { checkOrderHeld } from "./ordered-head.ts";

interface ProposalsDeps {
  readonly chain: Chain;
  /** What the engine asks of the header after a head. */
  readonly rulesAfter: (head: Head) => HeaderRules;
  readonly ledger: {
    readonly head: Head;
    readonly recent: { has(key: string): boolean };
    run(
      block: ProposedBlock,
      transactions: readonly PreparedTransaction[],
      begun?: BlockExecution,
    ): Execution | Fault;
  };
  readonly pool: {
    take(maxBytes: number, maxCount: number): PreparedTransaction[];
    drop(key: string, fault: Fault): void;
  };
  readonly bodies: { get(key: string): PreparedTransaction | undefined };
  readonly candidates: Candidates;
  readonly ahead: {
    take(header: Header, transactions: readonly PreparedTransaction[]): BlockExecution | undefined;
  };
  /**
   * Tells the others what is about to be executed, and asks for the block again when that is on its way. False
   * where nobody would listen.
   */
  readonly announce?: ((plan: Plan) => boolean) | undefined;
  /** Unix time in ms. */
  readonly now: () => number;
}

interface ProposalsOptions {
  /** This node's key; undefined for a node that never proposes. */
  readonly publicKey: Uint8Array | undefined;
}

/** What a block is going to try, in order, and its time. */
interface Draft {
  readonly head: Head;
  readonly round: number;
  readonly timeMs: number;
  readonly offered: readonly PreparedTransaction[];
}

/** Less gas than this is executed before a plan of it would have come to the others. */
const WORTH_A_PLAN_GAS = 1_000_000;

/** What consensus asks of the chain: blocks to propose and judgement of others' proposals. */
export class Proposals implements BlockPort {
  readonly #deps: ProposalsDeps;
  readonly #options: ProposalsOptions;
  /** What the others were told to execute along with this node. */
  #told: Draft | undefined;
  /** The last list of hashes that agreed with its header. */
  #named: { readonly txHashes: readonly Uint8Array[]; readonly blockHash: Uint8Array } | undefined;

  constructor(deps: ProposalsDeps, options: ProposalsOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Undefined also of a block whose plan has just been told: it is asked for again. */
  build(round: number): ProposedBlock | undefined {
    const { chain, ledger, pool, candidates } = this.#deps;
    const { head } = ledger;
    const proposer = indexIn(head.validators, this.#options.publicKey);
    if (proposer < 0) return undefined;
    const told = this.#told?.head === head && this.#told.round === round ? this.#told : undefined;
    const draft = told ?? this.#draw(head, round);
    if (told === undefined && this.#tell(draft)) return undefined;
    const { timeMs, offered } = draft;
    const execution = new BlockExecution({ chain, recent: ledger.recent }, head.tree, {
      height: head.height + 1,
      timeMs,
      parentHash: head.hash,
      ordered: head.breakGlass,
    });
    const transactions: PreparedTransaction[] = [];
    for (const transaction of offered) {
      const fault = execution.apply(transaction);
      if (fault === undefined) transactions.push(transaction);
      else if (!mayFitLater(fault)) pool.drop(transaction.key, fault);
    }
    if (transactions.length === 0 || checkOrderHeld(head, transactions)) return undefined;
    const done = execution.finish({ proposer, round });
    const txHashes = transactions.map(({ hash }) => hash);
    const block = draftBlock(chain, head, { proposer, round, timeMs }, txHashes, done);
    candidates.add({ block, transactions, execution: done });
    return block;
  }

  /** The head has moved: what was said of the last one holds its state and its transactions. */
  clear(): void {
    this.#told = undefined;
    this.#named = undefined;
  }

  #draw(head: Head, round: number): Draft {
    const { chain, pool, now } = this.#deps;
    const { maxBlockBytes, maxBlockTransactions } = chain.genesis.policy;
    // A clock that stands behind the parent's still gives a valid block.
    const timeMs = Math.max(now(), head.timeMs + 1);
    return { head, round, timeMs, offered: pool.take(maxBlockBytes, maxBlockTransactions) };
  }

  /** True where the others now begin with it. */
  #tell(draft: Draft): boolean {
    const { announce } = this.#deps;
    const { head, timeMs, offered } = draft;
    if (announce === undefined || gasLimitsOf(offered) < WORTH_A_PLAN_GAS) return false;
    const txHashes = offered.slice(0, MAX_PLANNED).map(({ hash }) => hash);
    this.#told = draft;
    return announce({ height: head.height + 1, parentHash: head.hash, timeMs, txHashes });
  }

  check(block: ProposedBlock, fresh: boolean): BlockCheck {
    const { chain, rulesAfter, ledger, candidates, now } = this.#deps;
    const { header, txHashes } = block;
    const fault =
      checkHeader(chain, rulesAfter(ledger.head), ledger.head, header) ??
      (fresh ? checkFreshness(header, now()) : undefined);
    if (fault !== undefined) return { ok: false, fault };
    if (candidates.get(block.blockHash) !== undefined) return { ok: true };
    // A proposal is checked again each time that bodies arrive; its names are hashed once.
    const isNamed =
      this.#named?.txHashes === txHashes && equalBytes(this.#named.blockHash, block.blockHash);
    const misnamed = isNamed ? undefined : checkTransactionHashes(chain, header, txHashes);
    if (misnamed !== undefined) return { ok: false, fault: misnamed };
    this.#named = { txHashes, blockHash: block.blockHash };
    return this.#execute(block);
  }

  #execute(block: ProposedBlock): BlockCheck {
    const { chain, ledger, bodies, candidates, ahead } = this.#deps;
    const transactions: PreparedTransaction[] = [];
    const missing: Uint8Array[] = [];
    for (const hash of block.txHashes) {
      const transaction = bodies.get(bytesKey(hash));
      if (transaction === undefined) missing.push(hash);
      else transactions.push(transaction);
    }
    if (missing.length > 0) return { ok: false, missing };
    const begun = ahead.take(block.header, transactions);
    const execution = checkSize(chain, transactions) ?? ledger.run(block, transactions, begun);
    if (execution instanceof Fault) return { ok: false, fault: execution };
    candidates.add({ block, transactions, execution });
    return { ok: true };
  }
}

function gasLimitsOf(transactions: readonly PreparedTransaction[]): number {
  let gas = 0;
  for (const { operation } of transactions) {
    if (isContractOperation(operation)) gas += operation.gasLimit;
  }
  return gas;
}

/** −1 where the key is not of the set. */
export function indexIn({ validators }: ValidatorSet, publicKey: Uint8Array | undefined): number {
  if (publicKey === undefined) return -1;
  return validators.findIndex((validator) => equalBytes(validator.publicKey, publicKey));
}
