import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { type PreparedClaim, voteType } from "@gridledger/protocol/ledger/vote";
import type { PreparedCertificate } from "@gridledger/protocol/messages/certificate";
import type {
  Justification,
  Proposal,
  RoundChangeClaim,
} from "@gridledger/protocol/messages/proposal";
import type { Electorate, NewHeight } from "./electorate.ts";
import type { StoredRoundChange } from "./round-change-store.ts";

/** What a quorum of round changes allows: a new block, or only the one prepared highest. */
export function justify(roundChanges: readonly StoredRoundChange[]): Justification {
  let prepared: PreparedCertificate | null = null;
  for (const { certificate } of roundChanges) {
    if (certificate === null) continue;
    if (prepared === null || certificate.seal.round > prepared.seal.round) prepared = certificate;
  }
  return {
    roundChanges: roundChanges.map(({ from, prepared: claim, signature }) => ({
      from,
      prepared: claim,
      signature,
    })),
    prepared,
  };
}

/**
 * Whether the proposal may be voted for: "fresh" when its block is new and must pass every rule,
 * "prepared" when a quorum prepared this very block in an earlier round.
 */
export function judge(
  electorate: Electorate,
  proposal: Proposal,
  blockHash: Uint8Array,
): "fresh" | "prepared" | Fault {
  const { justification, round } = proposal;
  if (round === 0) {
    return justification === null ? "fresh" : refuse("round 0 needs no justification");
  }
  if (justification === null) return refuse("a later round must be justified");
  const { roundChanges, prepared } = justification;
  if (roundChanges.length < electorate.quorum) return refuse("too few round changes");
  const wrong = roundChanges.find((claim) => !isValidClaim(electorate, round, claim));
  if (wrong !== undefined) return refuse(`the round change of validator ${wrong.from} is wrong`);
  const best = highestClaim(roundChanges);
  if (best === null) return prepared === null ? "fresh" : refuse("a certificate nobody claims");
  if (!isCertificateOf(electorate, best, prepared)) return refuse("the certificate is wrong");
  return equalBytes(best.blockHash, blockHash) ? "prepared" : refuse("another block is prepared");
}

/** What a block must say that is proposed for the first time; the chain checks the rest. */
export function judgeFresh(event: NewHeight, { header, from, round }: Proposal): Fault | undefined {
  const follows =
    header.height === event.height &&
    header.proposer === from &&
    header.round === round &&
    equalBytes(header.parentHash, event.parentHash) &&
    equalBytes(header.validatorsHash, event.validatorsHash);
  return follows ? undefined : refuse("the header is for another place");
}

export function claimOf(prepared: PreparedCertificate | null): PreparedClaim | null {
  if (prepared === null) return null;
  return { round: prepared.seal.round, blockHash: prepared.blockHash };
}

/** True when the certificate proves the claim. */
export function isCertificateOf(
  electorate: Electorate,
  claim: PreparedClaim,
  certificate: PreparedCertificate | null,
): boolean {
  return (
    certificate !== null &&
    certificate.seal.round === claim.round &&
    equalBytes(certificate.blockHash, claim.blockHash) &&
    electorate.verifyQuorum(voteType.prepare, claim.blockHash, certificate.seal)
  );
}

function isValidClaim(electorate: Electorate, round: number, claim: RoundChangeClaim): boolean {
  if (claim.prepared !== null && claim.prepared.round >= round) return false;
  const statement = { type: voteType.roundChange, round, prepared: claim.prepared };
  return electorate.verify(claim.from, statement, claim.signature);
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
