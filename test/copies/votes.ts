import type { Action } from "@gridledger/protocol/governance/actions/table";
import { encodeApproval } from "@gridledger/protocol/governance/approval";
import { encodeProposal } from "@gridledger/protocol/governance/proposal";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { ChainBuilder } from "../support/chain-builder.ts";

/** Three of four validators decide. */
export function votesFor(builder: ChainBuilder, action: Action): Uint8Array[] {
  const terms = { effectiveAtHeight: 0, expiresAtHeight: 90, reason: "asked for" };
  const proposal = encodeProposal({ action, ...terms });
  const proposalId = builder.chain.suite.hash(proposal);
  const approval = encodeApproval({ proposalId, heartbeat: new Uint8Array(0) });
  const [first, second, third] = builder.validators;
  return [
    builder.governance(first!, kind.proposal, proposal),
    builder.governance(second!, kind.approval, approval),
    builder.governance(third!, kind.approval, approval),
  ];
}

/** That an object is to go. */
export function erasureVotes(builder: ChainBuilder, root: Uint8Array): Uint8Array[] {
  return votesFor(builder, { type: "erasure", root, legalBasis: "PIPL art. 47" });
}
