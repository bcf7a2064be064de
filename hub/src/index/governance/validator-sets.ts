import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { decodeApproval } from "@gridledger/protocol/governance/approval";
import {
  type GovernanceState,
  genesisGovernance,
} from "@gridledger/protocol/governance/governance-state";
import { decodeProposal, type Proposal } from "@gridledger/protocol/governance/proposal";
import { approve, type GovernanceStep, propose } from "@gridledger/protocol/governance/rules";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Handover } from "@gridledger/protocol/ledger/handover";
import type { Header } from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { decodeTransaction, type Transaction } from "@gridledger/protocol/ledger/transaction";
import { type ValidatorSet, validatorsHash } from "@gridledger/protocol/ledger/validators";

const governanceKinds: ReadonlySet<number> = new Set([kind.proposal, kind.approval]);

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
  readonly blocks: { byHeight(height: number): Promise<SealedBlock | undefined> };
}

/**
 * The validator sets by height, as this hub has followed them: it runs the same rules on the same
 * transactions as the validators, and compares with the header, which commits to the outcome.
 */
export class ValidatorSets {
  readonly #chain: Chain;
  #state: GovernanceState;
  readonly #spans: { readonly fromHeight: number; readonly set: ValidatorSet }[];
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
    for (const [height, encoded] of byHeight) {
      const block = await blocks.byHeight(height);
      if (block === undefined) throw new Fault("STORE_CORRUPT", `block ${height} is missing`);
      this.accept(block, encoded);
    }
  }

  /**
   * Takes the next block; the changes it brought into force.
   *
   * @throws Fault BLOCK_INVALID when the header commits to another set than the rules give
   */
  accept(block: SealedBlock, transactions: readonly Uint8Array[]): readonly Proposal[] {
    const { header } = block;
    const { state, executed } = this.#run(header.height, transactions);
    const { validators } = state.membership;
    const isSame = validators === this.#state.membership.validators;
    const { suite } = this.#chain;
    const hash = isSame ? this.latest.hash : validatorsHash(suite.hash, validators);
    if (!equalBytes(header.nextValidatorsHash, hash)) {
      throw new Fault("BLOCK_INVALID", `block ${header.height} hands over to another set`);
    }
    this.#state = state;
    if (!isSame) this.#handOver(block, { validators, hash });
    return executed;
  }

  #handOver({ header, encodedHeader, seal }: SealedBlock, set: ValidatorSet): void {
    const { height } = header;
    this.#spans.push({ fromHeight: height + 1, set });
    const publicKeys = set.validators.map(({ publicKey }) => publicKey);
    this.#handovers.push({ height, handover: { encodedHeader, seal, publicKeys } });
  }

  #run(
    height: number,
    transactions: readonly Uint8Array[],
  ): { readonly state: GovernanceState; readonly executed: readonly Proposal[] } {
    let state = this.#state;
    const executed: Proposal[] = [];
    for (const encoded of transactions) {
      const step = this.#step(state, height, encoded);
      if (step === undefined) continue;
      if (step instanceof Fault) {
        throw new Fault("BLOCK_INVALID", `block ${height}: ${step.message}`, { cause: step });
      }
      state = step.state;
      if (step.executed !== undefined) executed.push(step.executed);
    }
    return { state, executed };
  }

  #step(
    state: GovernanceState,
    height: number,
    encoded: Uint8Array,
  ): GovernanceStep | Fault | undefined {
    const transaction = this.#read(encoded);
    if (transaction === undefined) return undefined;
    const { hash } = this.#chain.suite;
    const sender = state.membership.validators.find(({ publicKey }) =>
      equalBytes(identityId(hash, publicKey), transaction.sender),
    );
    if (sender === undefined) return new Fault("SENDER_ROLE", "no validator sent it");
    const context = { chain: this.#chain, height };
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
