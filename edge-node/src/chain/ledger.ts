import { asFault, Fault } from "@gridledger/protocol/faults";
import type { BreakGlass } from "@gridledger/protocol/governance/break-glass";
import { equalBytes } from "@gridledger/protocol/hex";
import { encodeBlock } from "@gridledger/protocol/ledger/block";
import { finalityRule } from "@gridledger/protocol/ledger/finality";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Handover } from "@gridledger/protocol/ledger/handover";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import type { HeaderRules, ProposedBlock } from "../consensus/ports.ts";
import { type BlockExecution, type Execution, executeBlock } from "../state/executor.ts";
import type { PreparedTransaction } from "../state/prepared-transaction.ts";
import { RecentTransactions } from "../state/recent-transactions.ts";
import type { FinalBlock, LoadedChain } from "../store/chain-store.ts";
import { checkHeader, checkOutcome, checkSize, checkTransactionHashes } from "./block-rules.ts";
import type { Candidate } from "./candidates.ts";
import { genesisHead, type Head, headAfter } from "./head.ts";
import { checkOrderHeld, headFor, orderedHead } from "./ordered-head.ts";

/** Where a final block came from; a decided one is in the consensus log already. */
export type BlockSource = "consensus" | "sync";

/** A block with all that makes it final. */
export interface SealedBlock {
  readonly block: ProposedBlock;
  readonly seal: Seal;
  readonly transactions: readonly PreparedTransaction[];
}

export interface Imported {
  readonly head: Head;
  readonly sealed: SealedBlock;
  readonly source: BlockSource;
}

interface LedgerDeps {
  readonly chain: Chain;
  /** What the engine asks of the header after a head. */
  readonly rulesAfter: (head: Head) => HeaderRules;
  readonly store: { append(block: FinalBlock): Promise<void> };
  /** An execution that a proposal check has done already. */
  readonly candidates: { get(blockHash: Uint8Array): Candidate | undefined };
  /** The store failed: the node cannot go on. */
  readonly onStoreFault: (fault: Fault) => void;
}

/**
 * The chain of this node. `import` is the only way in which a block becomes ours, whether consensus
 * decided it or sync brought it: header, content, seal, execution and roots are checked, then the
 * head moves in the same tick, and the store writes behind.
 */
export class Ledger {
  readonly #deps: LedgerDeps;
  readonly recent = new RecentTransactions();
  readonly #listeners: ((imported: Imported) => void)[] = [];
  #head: Head;
  #expected: BreakGlass | undefined;
  #stored: Promise<void> = Promise.resolve();
  #syncStored: Promise<void> = Promise.resolve();

  constructor(deps: LedgerDeps, loaded: LoadedChain) {
    this.#deps = deps;
    const { head, tree } = loaded;
    this.#head =
      head === undefined
        ? genesisHead(deps.chain, tree)
        : headAfter(deps.chain, head.header, head.hash, tree, head.timesBeforeMs);
    this.recent.add(loaded.recent);
  }

  get head(): Head {
    return this.#head;
  }

  /** Resolves when every block is in the store: the consensus log may be cut. */
  get stored(): Promise<void> {
    return this.#stored;
  }

  /** Resolves when every block that is in no consensus log is in the store: votes above may leave. */
  get syncStored(): Promise<void> {
    return this.#syncStored;
  }

  /** Another set seals the block after the one that this verified order names. */
  expect(document: BreakGlass): void {
    this.#expected = document;
    this.#head = orderedHead(this.#deps.chain, this.#head, document);
  }

  onImported(listener: (imported: Imported) => void): void {
    this.#listeners.push(listener);
  }

  /** False when the block is ours already. @throws Fault BLOCK_INVALID, SEAL_INVALID, or a transaction's */
  import(sealed: SealedBlock, source: BlockSource): boolean {
    const { block, seal } = sealed;
    if (block.header.height <= this.#head.height) return false;
    const { chain, rulesAfter, candidates } = this.#deps;
    this.#refuseOtherHistory(block, seal);
    const candidate = candidates.get(block.blockHash);
    // Its names, size and roots were checked when it was proposed, on this same head.
    const isChecked = candidate !== undefined && candidate.transactions === sealed.transactions;
    const head = headFor(chain, this.#head, block.header, sealed.transactions);
    const fault =
      checkHeader(chain, rulesAfter(head), head, block.header) ??
      (isChecked ? undefined : checkContent(chain, sealed));
    if (fault !== undefined) throw fault;
    finalityRule(chain).verify([head.validators], block, seal);
    const execution = isChecked ? candidate.execution : this.#runOn(head, sealed);
    if (execution instanceof Fault) throw execution;
    this.#advance(sealed, execution, source);
    return true;
  }

  /** Another final block where ours stands: elsewhere depth has made something else final. */
  #refuseOtherHistory(block: ProposedBlock, seal: Seal): void {
    const { height, hash, validators } = this.#head;
    const { header } = block;
    if (header.height !== height + 1 || equalBytes(header.parentHash, hash)) return;
    const rule = finalityRule(this.#deps.chain);
    if (rule.depth === 0) return;
    rule.verify([validators], block, seal);
    throw new Fault("REORG_TOO_DEEP", `elsewhere another block ${height} is final`);
  }

  /**
   * Runs the transactions on the head and compares the state root.
   *
   * @param begun the block's execution on this head with the first of these transactions applied
   */
  run(
    block: ProposedBlock,
    transactions: readonly PreparedTransaction[],
    begun?: BlockExecution,
  ): Execution | Fault {
    return this.#runOn(this.#head, { block, transactions }, begun);
  }

  #runOn(
    head: Head,
    { block, transactions }: Omit<SealedBlock, "seal">,
    begun?: BlockExecution,
  ): Execution | Fault {
    const held = checkOrderHeld(head, transactions);
    if (held !== undefined) return held;
    const deps = { chain: this.#deps.chain, recent: this.recent };
    const at = { ...block.header, ordered: head.breakGlass };
    const execution = executeBlock(deps, head.tree, at, transactions, begun);
    if (execution instanceof Fault) return execution;
    return checkOutcome(this.#deps.chain, block.header, execution) ?? execution;
  }

  /** What proves the next set, where this block changes it. */
  #handover({ block, seal }: SealedBlock): Handover | undefined {
    const { header, encodedHeader } = block;
    if (equalBytes(header.validatorsHash, header.nextValidatorsHash)) return undefined;
    const { validators } = this.#head.validators;
    return { encodedHeader, seal, publicKeys: validators.map(({ publicKey }) => publicKey) };
  }

  #advance(sealed: SealedBlock, execution: Execution, source: BlockSource): void {
    const { block, seal, transactions } = sealed;
    const { header, encodedHeader, blockHash } = block;
    const { recentTimesMs } = this.#head;
    const { chain } = this.#deps;
    const head = headAfter(chain, header, blockHash, execution.tree, recentTimesMs);
    this.#head = orderedHead(chain, head, this.#expected);
    this.recent.add(execution.recent);
    this.recent.forget(header.height);
    const bodies = transactions.map(({ encoded }) => encoded);
    const encoded = encodeBlock(encodedHeader, seal, bodies);
    this.#stored = this.#deps.store
      .append({ header, hash: blockHash, encoded, execution, handover: this.#handover(sealed) })
      .catch((thrown: unknown) => this.#deps.onStoreFault(asFault(thrown)));
    if (source === "sync") this.#syncStored = this.#stored;
    for (const listener of this.#listeners) listener({ head: this.#head, sealed, source });
  }
}

function checkContent(chain: Chain, { block, transactions }: SealedBlock): Fault | undefined {
  const hashes = transactions.map(({ hash }) => hash);
  return checkTransactionHashes(chain, block.header, hashes) ?? checkSize(chain, transactions);
}
