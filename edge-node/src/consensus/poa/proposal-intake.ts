import { Fault } from "@gridledger/protocol/faults";
import type { SignedProposal } from "@gridledger/protocol/messages/evidence";
import { judgeJustification } from "@gridledger/protocol/messages/justification";
import type { Proposal } from "@gridledger/protocol/messages/proposal";
import type { HeightParts } from "./height-parts.ts";
import { judgeFresh } from "./justification.ts";
import { proposalStatement } from "./messages.ts";

/** Refuses whoever is not the proposer of the round; looks at no signature. */
export function readProposal(parts: HeightParts, proposal: Proposal): SignedProposal | Fault {
  if (proposal.from !== parts.electorate.proposer(proposal.round)) {
    return new Fault("PROPOSAL_INVALID", "it is not this validator's turn");
  }
  return proposalStatement(parts.context.suite.hash, proposal);
}

/**
 * Whether a proposal may be voted for, once its signature is found good. One that its own justification
 * does not allow is an offence.
 */
export function judgeProposal(
  { electorate, event, ballot }: HeightParts,
  proposal: Proposal,
  statement: SignedProposal,
): "fresh" | "prepared" | Fault {
  const verdict = judgeJustification(electorate, proposal, statement.blockHash);
  if (verdict instanceof Fault) {
    const { from, encodedJustification: justification } = proposal;
    ballot.accuse(from, { proposal: statement, justification });
  }
  return verdict === "fresh" ? (judgeFresh(event, proposal) ?? verdict) : verdict;
}
