import { Fault } from "@gridledger/protocol/faults";
import { voteType } from "@gridledger/protocol/ledger/vote";
import type { SignedStatement } from "@gridledger/protocol/messages/evidence";
import type { Proposal } from "@gridledger/protocol/messages/proposal";
import type { HeightParts } from "./height-parts.ts";
import { judge, judgeFresh } from "./justification.ts";

/** What the proposer of a proposal has signed, with the hash of its block. */
export interface ReadProposal {
  readonly blockHash: Uint8Array;
  readonly statement: Extract<SignedStatement, { type: typeof voteType.proposal }>;
}

/** Refuses whoever is not the proposer of the round; looks at no signature. */
export function readProposal(parts: HeightParts, proposal: Proposal): ReadProposal | Fault {
  const { round, from, signature, encodedHeader, encodedJustification } = proposal;
  if (from !== parts.electorate.proposer(round)) {
    return new Fault("PROPOSAL_INVALID", "it is not this validator's turn");
  }
  const { hash } = parts.context.suite;
  const blockHash = hash(encodedHeader);
  const justificationHash = hash(encodedJustification);
  const statement = { type: voteType.proposal, round, blockHash, justificationHash, signature };
  return { blockHash, statement };
}

/** Whether a proposal may be voted for, once its signature is found good. */
export function judgeProposal(
  { electorate, event }: HeightParts,
  proposal: Proposal,
  blockHash: Uint8Array,
): "fresh" | "prepared" | Fault {
  const verdict = judge(electorate, proposal, blockHash);
  return verdict === "fresh" ? (judgeFresh(event, proposal) ?? verdict) : verdict;
}
