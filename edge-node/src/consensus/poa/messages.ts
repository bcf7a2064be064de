import { CborReader } from "@gridledger/protocol/cbor/reader";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { type Vote, type VoteType, voteType } from "@gridledger/protocol/ledger/vote";
import { type Certificate, decodeCertificate } from "@gridledger/protocol/messages/certificate";
import { decodeCommit } from "@gridledger/protocol/messages/commit";
import type { SignedProposal } from "@gridledger/protocol/messages/evidence";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { decodePrepare } from "@gridledger/protocol/messages/prepare";
import { decodeProposal, type Proposal } from "@gridledger/protocol/messages/proposal";
import { decodeRoundChange, type RoundChange } from "@gridledger/protocol/messages/round-change";

export type ConsensusMessage =
  | { readonly type: typeof messageType.proposal; readonly body: Proposal }
  | { readonly type: VoteType; readonly body: Vote }
  | { readonly type: typeof messageType.roundChange; readonly body: RoundChange }
  | { readonly type: typeof messageType.certificate; readonly body: Certificate };

/**
 * Undefined for a message of another kind: DECIDE shares a lane with certificates and belongs to sync.
 *
 * @throws Fault CBOR_*, SEAL_INVALID, BLOCK_INVALID
 */
export function decodeMessage(bytes: Uint8Array): ConsensusMessage | undefined {
  const reader = new CborReader(bytes);
  reader.array("message", 16);
  reader.uint("version");
  const type = reader.uint("type");
  switch (type) {
    case messageType.proposal:
      return { type, body: decodeProposal(bytes) };
    case voteType.prepare:
      return { type, body: decodePrepare(bytes) };
    case voteType.commit:
      return { type, body: decodeCommit(bytes) };
    case messageType.roundChange:
      return { type, body: decodeRoundChange(bytes) };
    case messageType.certificate:
      return { type, body: decodeCertificate(bytes) };
    default:
      return undefined;
  }
}

/** What the proposer of a proposal has signed. */
export function proposalStatement(
  hash: Hash,
  { round, encodedHeader, encodedJustification, signature }: Proposal,
): SignedProposal {
  const blockHash = hash(encodedHeader);
  const justificationHash = hash(encodedJustification);
  return { type: voteType.proposal, round, blockHash, justificationHash, signature };
}
