import type { Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { equalBytes, formatHex } from "../hex.ts";
import type { Chain } from "../ledger/genesis.ts";
import { inKeyOrder, type Validator } from "../ledger/validators.ts";
import { verifyStatus } from "../messages/status.ts";
import type { Approval } from "./approval.ts";
import {
  type GovernanceState,
  MAX_OPEN_PROPOSALS,
  MAX_VALIDATORS,
  type OpenProposal,
} from "./governance-state.ts";
import { DEFAULT_POLICY, votesNeeded } from "./policy.ts";
import { encodeProposal, joiningKeyOf, leavingKeyOf, type Proposal } from "./proposal.ts";

/** A validator that joins must have been this close to the head when it is added (besu#8307). */
export const MAX_SYNC_LAG_BLOCKS = 100;
export const MAX_LIFETIME_BLOCKS = 1_000_000;
/** So that one validator cannot fill the list. */
const MAX_OPEN_EACH = 4;

export interface GovernanceContext {
  readonly chain: Pick<Chain, "suite" | "chainId" | "genesis">;
  /** Of the block that holds the transaction. */
  readonly height: number;
}

/** What a transaction made of the state; `executed` is the change that came into force. */
export interface GovernanceStep {
  readonly state: GovernanceState;
  readonly executed: Proposal | undefined;
}

/**
 * The rules of proposals and approvals, pure: validators and the hub's follower run the same ones.
 * The new set seals the block after the one that executed the change, which is safe at once because
 * that block is final before the next one starts.
 */
export function propose(
  context: GovernanceContext,
  state: GovernanceState,
  sender: Uint8Array,
  proposal: Proposal,
): GovernanceStep | Fault {
  const { chain, height } = context;
  const { validators } = state.membership;
  if (!hasKey(validators, sender)) return notValidator();
  const { expiresAtHeight } = proposal;
  if (expiresAtHeight < height || expiresAtHeight > height + MAX_LIFETIME_BLOCKS) {
    return new Fault("PROPOSAL_EXPIRED", `expires at ${expiresAtHeight}, next is ${height}`);
  }
  const open = living(state, height);
  const id = proposalId(chain.suite, proposal);
  if (open.some((known) => equalBytes(known.id, id))) return new Fault("PROPOSAL_EXISTS");
  const own = open.filter(({ approvals }) => equalBytes(approvals[0] ?? sender, sender));
  if (open.length >= MAX_OPEN_PROPOSALS || own.length >= MAX_OPEN_EACH) {
    return new Fault("PROPOSAL_LIMIT", `${own.length} of this validator are open`);
  }
  const unfit = checkApplicable(validators, proposal);
  if (unfit !== undefined) return unfit;
  const syncedHeight = provenHeight(context, proposal, proposal.heartbeat);
  if (syncedHeight instanceof Fault) return syncedHeight;
  const opened: OpenProposal = { id, proposal, approvals: [sender], syncedHeight };
  return settle(context, state, [...open, opened], opened);
}

export function approve(
  context: GovernanceContext,
  state: GovernanceState,
  sender: Uint8Array,
  { proposalId: id, heartbeat }: Approval,
): GovernanceStep | Fault {
  const { validators } = state.membership;
  if (!hasKey(validators, sender)) return notValidator();
  const open = living(state, context.height);
  const known = open.find((candidate) => equalBytes(candidate.id, id));
  if (known === undefined) return new Fault("PROPOSAL_UNKNOWN", `${formatHex(id)} is not open`);
  let { syncedHeight } = known;
  if (heartbeat.length > 0) {
    const proven = provenHeight(context, known.proposal, heartbeat);
    if (proven instanceof Fault) return proven;
    syncedHeight = Math.max(syncedHeight, proven);
  }
  const isRepeated = known.approvals.some((voter) => equalBytes(voter, sender));
  const approvals = isRepeated ? known.approvals : [...known.approvals, sender];
  const touched: OpenProposal = { ...known, approvals, syncedHeight };
  const others = open.map((candidate) => (candidate === known ? touched : candidate));
  const step = settle(context, state, others, touched);
  // Said again it must do something: bring later news of the candidate, or execute what can be now.
  const isIdle = isRepeated && syncedHeight === known.syncedHeight;
  if (!(step instanceof Fault) && isIdle && step.executed === undefined) {
    return new Fault("APPROVAL_REPEATED");
  }
  return step;
}

export function proposalId(suite: Suite, proposal: Proposal): Uint8Array {
  return suite.hash(encodeProposal(proposal));
}

/** Proposals that can still be executed at this height. */
export function living(state: GovernanceState, height: number): readonly OpenProposal[] {
  const open = state.open.filter(({ proposal }) => proposal.expiresAtHeight >= height);
  return open.length === state.open.length ? state.open : open;
}

/** The approvals that count: each validator of today once, and not the one to be removed unanimously. */
export function countApprovals(
  { chain }: Pick<GovernanceContext, "chain">,
  validators: readonly Validator[],
  { proposal, approvals }: OpenProposal,
): { readonly given: number; readonly needed: number } {
  const policy = chain.genesis.governance ?? DEFAULT_POLICY;
  const leaving = policy === "unanimous" ? leavingKeyOf(proposal) : undefined;
  const isAsked = (key: Uint8Array) =>
    proposal.operation !== "remove" || leaving === undefined || !equalBytes(key, leaving);
  const given = validators.filter(
    ({ publicKey }) =>
      isAsked(publicKey) && approvals.some((voter) => equalBytes(voter, publicKey)),
  ).length;
  return { given, needed: votesNeeded(policy, validators.length, proposal.operation) };
}

/** Why the change cannot be made to this set: the hard part of the guard, equal on every node. */
export function checkApplicable(
  validators: readonly Validator[],
  proposal: Proposal,
): Fault | undefined {
  const leaving = leavingKeyOf(proposal);
  const joining = joiningKeyOf(proposal);
  if (leaving !== undefined && !hasKey(validators, leaving)) {
    return new Fault("PROPOSAL_UNFIT", "the key is no validator's");
  }
  if (joining !== undefined && hasKey(validators, joining)) {
    return new Fault("PROPOSAL_UNFIT", "the key is a validator's already");
  }
  const n = validators.length + Number(joining !== undefined) - Number(leaving !== undefined);
  if (n < 1) return new Fault("PROPOSAL_UNFIT", "the last validator cannot be removed");
  if (n > MAX_VALIDATORS)
    return new Fault("PROPOSAL_UNFIT", `at most ${MAX_VALIDATORS} validators`);
  return undefined;
}

/** Only the proposal that a transaction touched is counted: no cascade (EIP-225). */
function settle(
  context: GovernanceContext,
  state: GovernanceState,
  open: readonly OpenProposal[],
  touched: OpenProposal,
): GovernanceStep | Fault {
  const { height } = context;
  const { membership } = state;
  const { given, needed } = countApprovals(context, membership.validators, touched);
  const isSynced =
    touched.proposal.operation === "remove" || touched.syncedHeight + MAX_SYNC_LAG_BLOCKS >= height;
  if (given < needed || !isSynced) return { state: { membership, open }, executed: undefined };
  if (membership.changedAtHeight === height) {
    return new Fault("GOVERNANCE_BUSY", `block ${height} changes the validators already`);
  }
  const { proposal } = touched;
  const validators = changedValidators(membership.validators, proposal);
  const rest = open.filter((other) => other !== touched);
  return {
    state: {
      membership: { changedAtHeight: height, validators },
      open: afterChange(rest, validators),
    },
    executed: proposal,
  };
}

/** Votes of those who have left go, and with them proposals that the change has made senseless. */
function afterChange(
  open: readonly OpenProposal[],
  validators: readonly Validator[],
): readonly OpenProposal[] {
  return open
    .filter(({ proposal }) => checkApplicable(validators, proposal) === undefined)
    .map((waiting) => ({
      ...waiting,
      approvals: waiting.approvals.filter((voter) => hasKey(validators, voter)),
    }));
}

export function changedValidators(
  validators: readonly Validator[],
  proposal: Proposal,
): readonly Validator[] {
  const leaving = leavingKeyOf(proposal);
  const joining = joiningKeyOf(proposal);
  const staying = validators.filter(
    ({ publicKey }) => leaving === undefined || !equalBytes(publicKey, leaving),
  );
  if (joining === undefined) return staying;
  return inKeyOrder([...staying, { publicKey: joining, name: proposal.name }]);
}

/** The height that the joining validator's signed heartbeat names; 0 where nobody joins. */
function provenHeight(
  { chain, height }: GovernanceContext,
  proposal: Proposal,
  heartbeat: Uint8Array,
): number | Fault {
  const joining = joiningKeyOf(proposal);
  if (joining === undefined) {
    return heartbeat.length === 0 ? 0 : new Fault("PROPOSAL_SHAPE", "nobody joins");
  }
  try {
    const status = verifyStatus(chain.suite, joining, chain.chainId, heartbeat);
    if (status.height < height) return status.height;
    return new Fault("PROPOSAL_UNFIT", `the candidate says ${status.height}, next is ${height}`);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return new Fault("PROPOSAL_UNFIT", "the heartbeat is not the candidate's", { cause: thrown });
  }
}

function hasKey(validators: readonly Validator[], key: Uint8Array): boolean {
  return validators.some(({ publicKey }) => equalBytes(publicKey, key));
}

function notValidator(): Fault {
  return new Fault("SENDER_ROLE", "only a validator of this height proposes and approves");
}
