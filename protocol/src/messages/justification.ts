import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import type { Seal } from "../ledger/seal.ts";
import { type PreparedClaim, type Statement, type VoteType, voteType } from "../ledger/vote.ts";
import type { PreparedCertificate } from "./certificate.ts";
import type { Proposal, RoundChangeClaim } from "./proposal.ts";

/** The validators of one height: how many are a quorum, and whether one of them signed something. */
export interface Voters {
  readonly quorum: number;
  verify(from: number, statement: Statement, signature: Uint8Array): boolean;
}

/**
 * Whether round and justification allow this block: "fresh" when it may be a new one, "prepared" when a
 * quorum prepared this very block in an earlier round. Follows from the signed bytes and the validators
 * of the height alone, so that whoever has them comes to the same verdict.
 */
export function judgeJustification(
  voters: Voters,
  { round, justification }: Pick<Proposal, "round" | "justification">,
  blockHash: Uint8Array,
): "fresh" | "prepared" | Fault {
  if (round === 0) {
    return justification === null ? "fresh" : refuse("round 0 needs no justification");
  }
  if (justification === null) return refuse("a later round must be justified");
  const { roundChanges, prepared } = justification;
  if (roundChanges.length < voters.quorum) return refuse("too few round changes");
  const wrong = roundChanges.find((claim) => !isValidClaim(voters, round, claim));
  if (wrong !== undefined) return refuse(`the round change of validator ${wrong.from} is wrong`);
  const best = highestClaim(roundChanges);
  if (best === null) return prepared === null ? "fresh" : refuse("a certificate nobody claims");
  if (!isCertificateOf(voters, best, prepared)) return refuse("the certificate is wrong");
  return equalBytes(best.blockHash, blockHash) ? "prepared" : refuse("another block is prepared");
}

export function claimOf(prepared: PreparedCertificate | null): PreparedClaim | null {
  if (prepared === null) return null;
  return { round: prepared.seal.round, blockHash: prepared.blockHash };
}

/** True when the certificate proves the claim. */
export function isCertificateOf(
  voters: Voters,
  claim: PreparedClaim,
  certificate: PreparedCertificate | null,
): boolean {
  return (
    certificate !== null &&
    certificate.seal.round === claim.round &&
    equalBytes(certificate.blockHash, claim.blockHash) &&
    isSignedByQuorum(voters, voteType.prepare, claim.blockHash, certificate.seal)
  );
}

/** True when at least a quorum of distinct validators signed the block hash in the seal's round. */
function isSignedByQuorum(
  voters: Voters,
  type: VoteType,
  blockHash: Uint8Array,
  { round, signatures }: Seal,
): boolean {
  const signers = new Set(signatures.map(({ signer }) => signer));
  if (signers.size !== signatures.length || signers.size < voters.quorum) return false;
  const statement = { type, round, blockHash };
  return signatures.every(({ signer, signature }) => voters.verify(signer, statement, signature));
}

function isValidClaim(voters: Voters, round: number, claim: RoundChangeClaim): boolean {
  if (claim.prepared !== null && claim.prepared.round >= round) return false;
  const statement = { type: voteType.roundChange, round, prepared: claim.prepared };
  return voters.verify(claim.from, statement, claim.signature);
}

function highestClaim(claims: readonly RoundChangeClaim[]): PreparedClaim | null {
  let best: PreparedClaim | null = null;
  for (const { prepared } of claims) {
    if (prepared !== null && (best === null || prepared.round > best.round)) best = prepared;
  }
  return best;
}

function refuse(detail: string): Fault {
  return new Fault("PROPOSAL_INVALID", detail);
}
