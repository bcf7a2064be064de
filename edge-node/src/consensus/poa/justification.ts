import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { PreparedCertificate } from "@gridledger/protocol/messages/certificate";
import type { Justification, Proposal } from "@gridledger/protocol/messages/proposal";
import type { NewHeight } from "./electorate.ts";
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

/** What a block must say that is proposed for the first time; the chain checks the rest. */
export function judgeFresh(event: NewHeight, { header, from, round }: Proposal): Fault | undefined {
  const follows =
    header.height === event.height &&
    header.proposer === from &&
    header.round === round &&
    equalBytes(header.parentHash, event.parentHash) &&
    equalBytes(header.validatorsHash, event.validatorsHash);
  return follows ? undefined : new Fault("PROPOSAL_INVALID", "the header is for another place");
}
