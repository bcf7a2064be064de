import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { decodeApproval } from "@gridledger/protocol/governance/approval";
import {
  type GovernanceState,
  genesisGovernance,
} from "@gridledger/protocol/governance/governance-state";
import { decodeProposal } from "@gridledger/protocol/governance/proposal";
import {
  approve,
  endBlock,
  type GovernanceContext,
  type GovernanceStep,
  propose,
} from "@gridledger/protocol/governance/rules";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Handover } from "@gridledger/protocol/ledger/handover";
import type { Header } from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { RECENT_HASHES } from "@gridledger/protocol/ledger/recent-hashes";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { decodeTransaction, type Transaction } from "@gridledger/protocol/ledger/transaction";
import { type ValidatorSet, validatorsHash } from "@gridledger/protocol/ledger/validators";

const governanceKinds: ReadonlySet<number> = new Set([kind.proposal, kind.approval]);

type BlockHash = GovernanceContext["blockHash"];

interface SealedBlock {
  readonly header: Header;
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
}

/** Where the governance transactions of the index stand. */
export interface GovernanceArchive {
  readonly transactions: {
    governance(): Promise<readonly { readonly height: number; readonly encoded: Uint8Array }[]>;
  };
  readonly blocks: {
    byHeight(height: number): Promise<SealedBlock | undefined>;
    newest(limit: number): Promise<readonly (SealedBlock & { readonly hash: Uint8Array })[]>;
  };
}

/**
 * The validator sets by height, as this hub has followed them: it runs the same rules on the same
 * transactions as the validators, and compares with the header, which commits to the outcome.
 */
export class ValidatorSets {
  readonly #chain: Chain;
  #state: GovernanceState;
  readonly #spans: { readonly fromHeight: number; readonly set: ValidatorSet }[];
  /** Hashes of the last blocks: what a candidate's heartbeat is compared with. */
  readonly #recent = new Map<number, Uint8Array>();
  readonly #handovers: { readonly height: number; readonly handover: Handover }[] = [];

  constructor(chain: Chain) {
    this.#chain = chain;
    this.#state = genesisGovernance(chain);
    const { validators, validatorsHash: hash } = chain;
    this.#spans = [{ fromHeight: 1, set: { validators, hash } }];
  }

  get state(): GovernanceState {
    return this.#state;
  }

  /** Seals the block after the last that was accepted. */
  get latest(): ValidatorSet {
    return this.#spans.at(-1)!.set;
  }

  at(height: number): ValidatorSet {
    return this.#spans.findLast(({ fromHeight }) => fromHeight <= height)?.set ?? this.latest;
  }

  /** What proves the set of a height from the genesis on. */
  handoversTo(height: number): readonly Handover[] {
    return this.#handovers.filter((known) => known.height < height).map((known) => known.handover);
  }

  /** Goes on where the index stands. @throws Fault STORE_CORRUPT */
  async load({ transactions, blocks }: GovernanceArchive): Promise<void> {
    const byHeight = new Map<number, Uint8Array[]>();
    for (const { height, encoded } of await transactions.governance()) {
      byHeight.set(height, [...(byHeight.get(height) ?? []), encoded]);
    }
    const recent = await blocks.newest(RECENT_HASHES);
    const head = recent[0]?.header.height ?? 0;
    const heights = [...byHeight.keys()].reverse();
    for (;;) {
      const height = Math.min(heights.at(-1) ?? head + 1, this.#dueHeight ?? head + 1);
      if (height > head) break;
      if (height === heights.at(-1)) heights.pop();
      const block = await blocks.byHeight(height);
      if (block === undefined) throw new Fault("STORE_CORRUPT", `block ${height} is missing`);
      this.#take(block, byHeight.get(height) ?? [], undefined);
    }
    for (const { header, hash } of recent) this.#recent.set(header.height, hash);
  }

  /**
   * Takes the next block; the changes it brought into force.
   *
   * @throws Fault BLOCK_INVALID when the header commits to another set than the rules give
   */
  accept(block: SealedBlock, transactions: readonly Uint8Array[]): readonly Action[] {
    const { height, parentHash } = block.header;
    this.#recent.set(height - 1, parentHash);
    this.#recent.delete(height - 1 - RECENT_HASHES);
    return this.#take(block, transactions, (at) => this.#recent.get(at));
  }

  /** At the end of which block an approved change comes into force next. */
  get #dueHeight(): number | undefined {
    const [first] = this.#state.scheduled;
    return first && first.fromHeight - 1;
  }

  #take(block: SealedBlock, transactions: readonly Uint8Array[], blockHash: BlockHash): Action[] {
    const { header } = block;
    const voted = this.#run(header.height, transactions, blockHash);
    const { state, executed } = endBlock(voted, header.height);
    const { validators } = state.inForce.membership;
    const isSame = validators === this.#state.inForce.membership.validators;
    const { suite } = this.#chain;
    const hash = isSame ? this.latest.hash : validatorsHash(suite.hash, validators);
    if (!equalBytes(header.nextValidatorsHash, hash)) {
      throw new Fault("BLOCK_INVALID", `block ${header.height} hands over to another set`);
    }
    this.#state = state;
    if (!isSame) this.#handOver(block, { validators, hash });
    return executed.map(({ proposal }) => proposal.action);
  }

  #handOver({ header, encodedHeader, seal }: SealedBlock, set: ValidatorSet): void {
    const { height } = header;
    this.#spans.push({ fromHeight: height + 1, set });
    const publicKeys = set.validators.map(({ publicKey }) => publicKey);
    this.#handovers.push({ height, handover: { encodedHeader, seal, publicKeys } });
  }

  #run(height: number, transactions: readonly Uint8Array[], blockHash: BlockHash): GovernanceState {
    let state = this.#state;
    const context = { chain: this.#chain, height, blockHash };
    for (const encoded of transactions) {
      const step = this.#step(context, state, encoded);
      if (step === undefined) continue;
      if (step instanceof Fault) {
        throw new Fault("BLOCK_INVALID", `block ${height}: ${step.message}`, { cause: step });
      }
      state = step.state;
    }
    return state;
  }

  #step(
    context: GovernanceContext,
    state: GovernanceState,
    encoded: Uint8Array,
  ): GovernanceStep | Fault | undefined {
    const transaction = this.#read(encoded);
    if (transaction === undefined) return undefined;
    const { hash } = this.#chain.suite;
    const sender = state.inForce.membership.validators.find(({ publicKey }) =>
      equalBytes(identityId(hash, publicKey), transaction.sender),
    );
    if (sender === undefined) return new Fault("SENDER_ROLE", "no validator sent it");
    const { payload } = transaction;
    return transaction.kind === kind.proposal
      ? propose(context, state, sender.publicKey, decodeProposal(payload))
      : approve(context, state, sender.publicKey, decodeApproval(payload));
  }

  /** Undefined for every other kind, and for what this version cannot read. */
  #read(encoded: Uint8Array): Transaction | undefined {
    try {
      const transaction = decodeTransaction(this.#chain.suite, encoded);
      return governanceKinds.has(transaction.kind) ? transaction : undefined;
    } catch (thrown) {
      if (thrown instanceof Fault) return undefined;
      throw thrown;
    }
  }
}
