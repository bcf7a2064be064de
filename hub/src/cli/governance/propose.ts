import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { joiningKeyOf } from "@gridledger/protocol/governance/actions/membership";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { approvalsNeeded } from "@gridledger/protocol/governance/count";
import {
  decodeProposal,
  effectiveHeight,
  encodeProposal,
  type Proposal,
} from "@gridledger/protocol/governance/proposal";
import {
  type Forecast,
  forecast,
  type PlannedChange,
} from "@gridledger/protocol/governance/quorum-guard";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Command } from "commander";
import { printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";
import { chairOf, submitSigned, type VoteOptions, withVoteOptions } from "./vote.ts";

const DEFAULT_LIFETIME_BLOCKS = 10_000;

export interface ProposeOptions extends VoteOptions {
  readonly blocks: number;
  readonly effectiveAt: number;
  readonly reason: string;
  readonly force?: boolean;
}

export type Council = RouteAnswer<"proposals">;

export function withProposeOptions(command: Command): Command {
  return withVoteOptions(command)
    .option("--effective-at <height>", "the first block for which it counts", parseInteger, 0)
    .option("--reason <text>", "why; the others read it before they approve", "")
    .option("--blocks <count>", "how long it may wait", parseInteger, DEFAULT_LIFETIME_BLOCKS)
    .option("--force", "propose it though it would stop the chain as it is now");
}

/** Judges the change, signs it as a proposal and submits it. */
export async function proposeAction(
  options: ProposeOptions,
  actionOf: (council: Council) => Action,
): Promise<void> {
  const chair = await chairOf(options);
  const { council } = chair;
  const { effectiveAt, reason, blocks } = options;
  const last = council.height + blocks;
  const proposal: Proposal = {
    ...{ action: actionOf(council), reason, effectiveAtHeight: effectiveAt },
    expiresAtHeight: effectiveAt === 0 ? last : Math.min(last, effectiveAt - 1),
  };
  const effect = guard(council, proposal, options.force === true);
  const payload = encodeProposal(proposal);
  const submitted = await submitSigned(chair, kind.proposal, payload);
  const id = formatHex(chair.chain.suite.hash(payload));
  const { before, after, verdict } = effect;
  printAnswer(options, { proposal: id, ...submitted, effect }, () => [
    `Proposal ${id} is in block ${submitted.height}.`,
    `Before: ${strengthWords(before)}. After: ${strengthWords(after)}.`,
    `Effect: ${effect.reason} (${verdict}).`,
    `The other validators approve it: gridledger governance approve ${id} --key <file>`,
  ]);
}

export function strengthWords({ validators, online, quorum, faultTolerance }: Forecast["before"]) {
  return `${online} of ${validators} online, quorum ${quorum}, f ${faultTolerance}`;
}

/** @throws Fault QUORUM_AT_RISK, with what to do first */
export function refuseStop({
  verdict,
  reason,
  safeOrder,
}: Council["items"][number]["forecast"]): void {
  if (verdict !== "stops-chain") return;
  throw new Fault("QUORUM_AT_RISK", `${reason}; instead: ${safeOrder.join(", then ")}`);
}

/** @throws Fault QUORUM_AT_RISK */
function guard(council: Council, proposal: Proposal, isForced: boolean): Forecast {
  const { action } = proposal;
  const seats = council.validators.map(({ publicKey, name, online }) => {
    return { publicKey: Buffer.from(publicKey, "base64url"), name, online };
  });
  const votes = approvalsNeeded({ policies: council.policies }, action, seats.length);
  const planned = council.scheduled.map(({ encoded, fromHeight }) => {
    const { action: waiting } = decodeProposal(Buffer.from(encoded, "base64url"));
    return plannedOf(council, waiting, fromHeight);
  });
  const fromHeight = effectiveHeight(proposal, council.height + 1);
  const judged = forecast({ seats, votes, planned }, plannedOf(council, action, fromHeight));
  if (!isForced) refuseStop({ ...judged, safeOrder: [...judged.safeOrder] });
  return judged;
}

function plannedOf(council: Council, action: Action, fromHeight: number): PlannedChange {
  const joining = joiningKeyOf(action);
  // Only those whose heartbeats come are candidates here.
  const isJoinerOnline = council.candidates.some(
    ({ publicKey }) =>
      joining !== undefined && equalBytes(Buffer.from(publicKey, "base64url"), joining),
  );
  return { action, fromHeight, isJoinerOnline };
}
