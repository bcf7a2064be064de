import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { type Approval, decodeApproval } from "@gridledger/protocol/governance/approval";
import {
  type GovernanceState,
  readGovernance,
  writeGovernance,
} from "@gridledger/protocol/governance/governance-state";
import {
  decodeProposal,
  joiningKeyOf,
  type Proposal,
} from "@gridledger/protocol/governance/proposal";
import { roleMoves } from "@gridledger/protocol/governance/role-moves";
import {
  approve,
  type GovernanceContext,
  type GovernanceStep,
  propose,
} from "@gridledger/protocol/governance/rules";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { identities } from "@gridledger/protocol/ledger/state";
import type { StateReader, StateView } from "./state-view.ts";
import type { BlockPlace, Operation, Sender, TransactionKind } from "./transaction-kind.ts";

type Step = (
  context: GovernanceContext,
  state: GovernanceState,
  sender: Uint8Array,
) => GovernanceStep | Fault;

/** Runs the rules of `protocol/governance` on the state, and moves the roles with the set. */
class GovernanceOperation implements Operation {
  readonly #chain: Chain;
  readonly #step: Step;
  /** What a proposal names must be a candidate of the channel. */
  readonly #proposed: Proposal | undefined;

  constructor(chain: Chain, step: Step, proposed?: Proposal) {
    this.#chain = chain;
    this.#step = step;
    this.#proposed = proposed;
  }

  check(state: StateReader, sender: Sender, { height }: BlockPlace): Fault | undefined {
    const before = readGovernance(this.#chain, state);
    const step = this.#run(before, sender, height);
    if (step instanceof Fault) return step;
    return this.#checkCandidate(state, this.#proposed ?? step.executed);
  }

  write(state: StateView, sender: Sender, { height }: BlockPlace): void {
    const before = readGovernance(this.#chain, state);
    const step = this.#run(before, sender, height);
    if (step instanceof Fault) throw step;
    writeGovernance(state, before, step.state);
    if (step.executed !== undefined) this.#moveRoles(state, step.executed);
  }

  #run(before: GovernanceState, sender: Sender, height: number): GovernanceStep | Fault {
    return this.#step({ chain: this.#chain, height }, before, sender.identity.publicKey);
  }

  #checkCandidate(state: StateReader, proposal: Proposal | undefined): Fault | undefined {
    const joining = proposal && joiningKeyOf(proposal);
    if (joining === undefined) return undefined;
    const id = identityId(this.#chain.suite.hash, joining);
    const role = state.get(identities, id)?.role;
    if (role === "candidate") return undefined;
    const is = role === undefined ? "not enrolled" : `a ${role}`;
    return new Fault("PROPOSAL_UNFIT", `${formatHex(id)} is ${is}; enrol it as a candidate first`);
  }

  #moveRoles(state: StateView, executed: Proposal): void {
    const { hash } = this.#chain.suite;
    for (const { publicKey, role, name } of roleMoves(executed)) {
      const id = identityId(hash, publicKey);
      const known = state.get(identities, id);
      if (known === undefined) continue; // a validator of the genesis always is; so is a candidate
      state.set(identities, id, { role, publicKey, name: name ?? known.name });
    }
  }
}

export const proposal: TransactionKind = {
  number: kind.proposal,
  senderRoles: ["validator"],
  read(chain, payload) {
    const proposed = decodeProposal(payload);
    const joining = joiningKeyOf(proposed);
    if (joining !== undefined) chain.suite.checkPublicKey(joining);
    const step: Step = (context, state, sender) => propose(context, state, sender, proposed);
    return new GovernanceOperation(chain, step, proposed);
  },
};

export const approval: TransactionKind = {
  number: kind.approval,
  senderRoles: ["validator"],
  read(chain, payload) {
    const given: Approval = decodeApproval(payload);
    const step: Step = (context, state, sender) => approve(context, state, sender, given);
    return new GovernanceOperation(chain, step);
  },
};
