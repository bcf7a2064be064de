import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { type Action, readAction, writeAction } from "./actions/table.ts";

const MAX_PROPOSAL_BYTES = 4_096;
export const MAX_REASON_BYTES = 512;

/**
 * One change that validators decide by vote (guide §4.2.2 a, b): `[action number, action's fields,
 * effectiveAtHeight, expiresAtHeight, reason]`. The hash of these bytes is the proposal's id, so whoever
 * approves an id approves exactly this content.
 */
export interface Proposal {
  readonly action: Action;
  /** The first height for which it counts; 0: the height after the block that approves it. */
  readonly effectiveAtHeight: number;
  /** The last height at which it can be approved; below `effectiveAtHeight` where that is stated. */
  readonly expiresAtHeight: number;
  /** Why, in the proposer's words; may be empty. */
  readonly reason: string;
}

export function encodeProposal(proposal: Proposal): Uint8Array {
  const writer = new CborWriter(512).array(5);
  return writeAction(writer, proposal.action)
    .uint(proposal.effectiveAtHeight)
    .uint(proposal.expiresAtHeight)
    .text(proposal.reason)
    .finish();
}

/** @throws Fault CBOR_*, PROPOSAL_SHAPE when a field does not belong to the action */
export function decodeProposal(encoded: Uint8Array): Proposal {
  const reader = new CborReader(encoded, MAX_PROPOSAL_BYTES);
  reader.tuple("proposal", 5);
  const proposal: Proposal = {
    action: readAction(reader),
    effectiveAtHeight: reader.uint("effectiveAtHeight"),
    expiresAtHeight: reader.uint("expiresAtHeight"),
    reason: reader.text("reason", MAX_REASON_BYTES),
  };
  reader.end();
  const { effectiveAtHeight, expiresAtHeight } = proposal;
  if (effectiveAtHeight !== 0 && expiresAtHeight >= effectiveAtHeight) {
    throw new Fault("PROPOSAL_SHAPE", "it can be approved only before it takes effect");
  }
  return proposal;
}

/** The first height for which it counts when the block of `height` approves it. */
export function effectiveHeight({ effectiveAtHeight }: Proposal, height: number): number {
  return effectiveAtHeight === 0 ? height + 1 : effectiveAtHeight;
}
