import type { Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { equalBytes, formatHex } from "../hex.ts";
import type { Chain } from "../ledger/genesis.ts";
import { hasKey, joiningKeyOf } from "./actions/membership.ts";
import type { Approval } from "./approval.ts";
import { MAX_OPEN_PROPOSALS, type OpenProposal, type ScheduledChange } from "./ballot-tables.ts";
import { countApprovals } from "./count.ts";
import type { GovernanceState } from "./governance-state.ts";
import { effectiveHeight, encodeProposal, type Proposal } from "./proposal.ts";
import { collision, inserted, misfit, projected } from "./schedule.ts";
import { MAX_SYNC_LAG_BLOCKS, provenHeight } from "./synced.ts";

export const MAX_LIFETIME_BLOCKS = 1_000_000;
/** So that one validator cannot fill the list. */
const MAX_OPEN_EACH = 4;

export interface GovernanceContext {
  readonly chain: Pick<Chain, "suite" | "chainId">;
  /** Of the block that holds the transaction. */
  readonly height: number;
  /** See `provenHeight`. */
  readonly blockHash?: ((height: number) => Uint8Array | undefined) | undefined;
}

/** What a transaction made of the state; `approved` is the change that it completed. */
export interface GovernanceStep {
  readonly state: GovernanceState;
  readonly approved: ScheduledChange | undefined;
}

/**
 * The rules of proposals and approvals, pure: validators and the hub's follower run the same ones. A
 * change that is approved waits for its height, which is the next one where none is stated, and comes
 * into force at the end of the block before it (`endBlock`).
 */
export function propose(
  context: GovernanceContext,
  state: GovernanceState,
  sender: Uint8Array,
  proposal: Proposal,
): GovernanceStep | Fault {
  const { chain, height } = context;
  if (!hasKey(state.inForce.membership.validators, sender)) return notValidator();
  const late = checkHeights(proposal, height);
  if (late !== undefined) return late;
  const open = living(state, height);
  const id = proposalId(chain.suite, proposal);
  if (open.some((known) => equalBytes(known.id, id))) return new Fault("PROPOSAL_EXISTS");
  const own = open.filter(({ approvals }) => equalBytes(approvals[0] ?? sender, sender));
  if (open.length >= MAX_OPEN_PROPOSALS || own.length >= MAX_OPEN_EACH) {
    return new Fault("PROPOSAL_LIMIT", `${own.length} of this validator are open`);
  }
  const unfit = checkFit(state, { id, proposal, fromHeight: effectiveHeight(proposal, height) });
  if (unfit !== undefined) return unfit;
  const { action } = proposal;
  const heartbeat = "heartbeat" in action ? action.heartbeat : new Uint8Array(0);
  const syncedHeight = provenHeight(context, proposal, heartbeat);
  if (syncedHeight instanceof Fault) return syncedHeight;
  const opened: OpenProposal = { id, proposal, approvals: [sender], syncedHeight };
  return settle(context, { ...state, open: [...open, opened] }, opened);
}

export function approve(
  context: GovernanceContext,
  state: GovernanceState,
  sender: Uint8Array,
  { proposalId: id, heartbeat }: Approval,
): GovernanceStep | Fault {
  if (!hasKey(state.inForce.membership.validators, sender)) return notValidator();
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
  const all = open.map((candidate) => (candidate === known ? touched : candidate));
  const step = settle(context, { ...state, open: all }, touched);
  // Said again it must do something: bring later news of the candidate, or execute what can be now.
  const isIdle = isRepeated && syncedHeight === known.syncedHeight;
  if (!(step instanceof Fault) && isIdle && step.approved === undefined) {
    return new Fault("APPROVAL_REPEATED");
  }
  return step;
}

/** What a block leaves: changes that count from the next height on are in force. */
export interface BlockEnd {
  readonly state: GovernanceState;
  /** Those that came into force, in their order. */
  readonly executed: readonly ScheduledChange[];
}

/** To be called after the last transaction of every block. */
export function endBlock(state: GovernanceState, height: number): BlockEnd {
  const next = height + 1;
  const executed = state.scheduled.filter(({ fromHeight }) => fromHeight <= next);
  if (executed.length === 0) return { state, executed };
  const inForce = projected(state.inForce, executed, next);
  const scheduled = state.scheduled.slice(executed.length);
  const open = surviving({ inForce, scheduled, open: state.open }, next);
  return { state: { inForce, scheduled, open }, executed };
}

export function proposalId(suite: Suite, proposal: Proposal): Uint8Array {
  return suite.hash(encodeProposal(proposal));
}

/** Proposals that can still be executed at this height. */
export function living(
  { open }: Pick<GovernanceState, "open">,
  height: number,
): readonly OpenProposal[] {
  const alive = open.filter(({ proposal }) => proposal.expiresAtHeight >= height);
  return alive.length === open.length ? open : alive;
}

function checkHeights(
  { effectiveAtHeight, expiresAtHeight }: Proposal,
  height: number,
): Fault | undefined {
  if (effectiveAtHeight !== 0 && effectiveAtHeight <= height) {
    return new Fault("PROPOSAL_EXPIRED", `height ${effectiveAtHeight} is past, next is ${height}`);
  }
  const furthest = height + MAX_LIFETIME_BLOCKS;
  if (expiresAtHeight >= height && Math.max(expiresAtHeight, effectiveAtHeight) <= furthest) {
    return undefined;
  }
  return new Fault("PROPOSAL_EXPIRED", `expires at ${expiresAtHeight}, next is ${height}`);
}

/** A change for the next height may meet another one now and none when it is approved. */
function checkFit(
  { inForce, scheduled }: Pick<GovernanceState, "inForce" | "scheduled">,
  change: ScheduledChange,
): Fault | undefined {
  const isStated = change.proposal.effectiveAtHeight !== 0;
  const rival = isStated ? collision(scheduled, change) : undefined;
  return rival ?? misfit(inForce, scheduled, change);
}

/** Only the proposal that a transaction touched is counted: no cascade (EIP-225). */
function settle(
  { height }: GovernanceContext,
  state: GovernanceState,
  touched: OpenProposal,
): GovernanceStep | Fault {
  const { id, proposal } = touched;
  const { given, needed } = countApprovals(state.inForce, touched);
  const isJoining = joiningKeyOf(proposal.action) !== undefined;
  const isSynced = !isJoining || touched.syncedHeight + MAX_SYNC_LAG_BLOCKS >= height;
  if (given < needed || !isSynced) return { state, approved: undefined };
  const approved = { id, proposal, fromHeight: effectiveHeight(proposal, height) };
  const { inForce } = state;
  const fault = collision(state.scheduled, approved) ?? misfit(inForce, state.scheduled, approved);
  if (fault !== undefined) return fault;
  const scheduled = inserted(state.scheduled, approved);
  const open = state.open.filter((other) => other !== touched);
  return { state: { inForce, scheduled, open }, approved };
}

/** Votes of those who have left go, and with them proposals that the change has made senseless. */
function surviving(state: GovernanceState, height: number): readonly OpenProposal[] {
  const { validators } = state.inForce.membership;
  return state.open
    .filter(({ id, proposal }) => {
      const change = { id, proposal, fromHeight: effectiveHeight(proposal, height) };
      return misfit(state.inForce, state.scheduled, change) === undefined;
    })
    .map((waiting) => ({
      ...waiting,
      approvals: waiting.approvals.filter((voter) => hasKey(validators, voter)),
    }));
}

function notValidator(): Fault {
  return new Fault("SENDER_ROLE", "only a validator of this height proposes and approves");
}
