import { Fault } from "@gridledger/protocol/faults";
import { joiningKeyOf } from "@gridledger/protocol/governance/actions/membership";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { decodeApproval } from "@gridledger/protocol/governance/approval";
import {
  type GovernanceState,
  readGovernance,
  writeGovernance,
} from "@gridledger/protocol/governance/governance-state";
import { decodeProposal } from "@gridledger/protocol/governance/proposal";
import {
  approve,
  type GovernanceContext,
  type GovernanceStep,
  propose,
} from "@gridledger/protocol/governance/rules";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { recentHash } from "../recent-hashes.ts";
import type { StateReader, StateView } from "../state-view.ts";
import type { BlockPlace, PlainOperation, Sender, TransactionKind } from "../transaction-kind.ts";
import { effectOf } from "./effects.ts";

type Step = (
  context: GovernanceContext,
  state: GovernanceState,
  sender: Uint8Array,
) => GovernanceStep | Fault;

/** Runs the rules of `protocol/governance` on the state. */
class VoteOperation implements PlainOperation {
  readonly #chain: Chain;
  readonly #step: Step;
  readonly #proposed: Action | undefined;

  constructor(chain: Chain, step: Step, proposed?: Action) {
    this.#chain = chain;
    this.#step = step;
    this.#proposed = proposed;
  }

  check(state: StateReader, sender: Sender, at: BlockPlace): Fault | undefined {
    const step = this.#run(readGovernance(this.#chain, state), state, sender, at);
    if (step instanceof Fault) return step;
    const action = this.#proposed ?? step.approved?.proposal.action;
    return action && effectOf(action).check(this.#chain, state, action);
  }

  write(state: StateView, sender: Sender, at: BlockPlace): void {
    const before = readGovernance(this.#chain, state);
    const step = this.#run(before, state, sender, at);
    if (step instanceof Fault) throw step;
    writeGovernance(state, before, step.state);
  }

  #run(
    before: GovernanceState,
    state: StateReader,
    sender: Sender,
    at: BlockPlace,
  ): GovernanceStep | Fault {
    const blockHash = (height: number) => recentHash(state, at, height);
    const context = { chain: this.#chain, height: at.height, blockHash };
    return this.#step(context, before, sender.identity.publicKey);
  }
}

export const proposal: TransactionKind = {
  number: kind.proposal,
  senderRoles: ["validator"],
  read(chain, payload) {
    const proposed = decodeProposal(payload);
    const joining = joiningKeyOf(proposed.action);
    if (joining !== undefined) chain.suite.checkPublicKey(joining);
    const step: Step = (context, state, sender) => propose(context, state, sender, proposed);
    return new VoteOperation(chain, step, proposed.action);
  },
};

export const approval: TransactionKind = {
  number: kind.approval,
  senderRoles: ["validator"],
  read(chain, payload) {
    const given = decodeApproval(payload);
    const step: Step = (context, state, sender) => approve(context, state, sender, given);
    return new VoteOperation(chain, step);
  },
};
