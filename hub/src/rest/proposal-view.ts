import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { isMembership, joiningKeyOf } from "@gridledger/protocol/governance/actions/membership";
import { type Action, ruleOf } from "@gridledger/protocol/governance/actions/table";
import type { OpenProposal, ScheduledChange } from "@gridledger/protocol/governance/ballot-tables";
import { countApprovals } from "@gridledger/protocol/governance/count";
import type { GovernanceState } from "@gridledger/protocol/governance/governance-state";
import { effectiveHeight, encodeProposal } from "@gridledger/protocol/governance/proposal";
import {
  forecast,
  type PlannedChange,
  type Seat,
} from "@gridledger/protocol/governance/quorum-guard";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";

type Answer = RouteAnswer<"proposals">;

/** The council as the hub sees it now. */
export interface CouncilView {
  readonly hash: Hash;
  readonly state: GovernanceState;
  readonly seats: readonly Seat[];
  /** Keys of candidates that were heard. */
  readonly joiners: readonly Uint8Array[];
  /** Of the next block. */
  readonly height: number;
}

export function seatView(
  hash: Hash,
  { publicKey, name }: Pick<Seat, "publicKey" | "name">,
): Pick<Answer["candidates"][number], "id" | "name" | "publicKey"> {
  return { id: formatHex(identityId(hash, publicKey)), name, publicKey: base64url(publicKey) };
}

export function openView(council: CouncilView, open: OpenProposal): Answer["items"][number] {
  const { state, seats, height } = council;
  const { id, proposal, approvals } = open;
  const { action, effectiveAtHeight, expiresAtHeight } = proposal;
  const votes = countApprovals(state.inForce, open);
  const planned = state.scheduled.map((waiting) =>
    plannedOf(council, waiting.proposal.action, waiting.fromHeight),
  );
  const judged = forecast(
    { seats, votes: votes.needed, planned },
    plannedOf(council, action, effectiveHeight(proposal, height)),
  );
  return {
    ...changeView(council, id, open),
    ...{ effectiveAtHeight, expiresAtHeight },
    approvals: approvals.map((key) => nameOf(seats, key)),
    ...votes,
    forecast: { ...judged, safeOrder: [...judged.safeOrder] },
  };
}

export function scheduledView(
  council: CouncilView,
  waiting: ScheduledChange,
): Answer["scheduled"][number] {
  return { ...changeView(council, waiting.id, waiting), fromHeight: waiting.fromHeight };
}

export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function changeView(
  { seats }: CouncilView,
  id: Uint8Array,
  { proposal }: Pick<OpenProposal, "proposal">,
) {
  const { action, reason } = proposal;
  return {
    ...{ id: formatHex(id), action: action.type, reason },
    subject: subjectOf(seats, action),
    encoded: base64url(encodeProposal(proposal)),
  };
}

function plannedOf({ joiners }: CouncilView, action: Action, fromHeight: number): PlannedChange {
  const joining = joiningKeyOf(action);
  const isJoinerOnline = joiners.some((key) => joining !== undefined && equalBytes(key, joining));
  return { action, fromHeight, isJoinerOnline };
}

function subjectOf(seats: readonly Seat[], action: Action): string {
  if (isMembership(action)) {
    if (action.type === "add") return action.name;
    const leaving = nameOf(seats, action.publicKey);
    return action.type === "remove" ? leaving : `${leaving} → ${action.name}`;
  }
  if (action.type === "policy") return `${action.family} → ${action.policy}`;
  if (action.type === "engine") return action.engine;
  if (action.type === "amendment") {
    return `${formatHex(action.root)} → ${formatHex(action.successor)}: ${action.legalBasis}`;
  }
  if (action.type === "erasure") return `${formatHex(action.root)}: ${action.legalBasis}`;
  if (action.type === "copies") return `${action.classification} → ${action.copies}`;
  if (action.type === "suite") return `${action.suiteId} ${action.packageName}`.trim();
  return ruleOf(action).slot(action);
}

function nameOf(seats: readonly Seat[], key: Uint8Array): string {
  return seats.find((seat) => equalBytes(seat.publicKey, key))?.name ?? formatHex(key);
}
