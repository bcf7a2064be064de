import type { Hash } from "@gridledger/protocol/crypto/suite";
import { type Statement, voteType } from "@gridledger/protocol/ledger/vote";
import { claimOf } from "@gridledger/protocol/messages/justification";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { signingStep } from "../ports.ts";
import type { Electorate } from "./electorate.ts";
import { type ConsensusMessage, proposalStatement } from "./messages.ts";
import { comparePlaces, type SigningPlace } from "./signing-guard.ts";

/**
 * True when a message at the current height carries this node's valid signature for a place that this
 * node has not reached: a second process runs with its key, the usual cause of equivocation.
 */
export function isSignedElsewhere(
  hash: Hash,
  electorate: Electorate,
  last: SigningPlace | undefined,
  message: ConsensusMessage,
): boolean {
  if (message.type === messageType.certificate) return false;
  const { height, round, signature } = message.body;
  const [statement, step] = read(hash, message);
  if (last !== undefined && comparePlaces({ height, round, step }, last) <= 0) return false;
  return electorate.verify(electorate.self, statement, signature);
}

function read(
  hash: Hash,
  message: Exclude<ConsensusMessage, { type: typeof messageType.certificate }>,
): [Statement, SigningPlace["step"]] {
  const { type, body } = message;
  const { round } = body;
  if (type === voteType.proposal) {
    return [proposalStatement(hash, body), signingStep.proposal];
  }
  if (type === voteType.roundChange) {
    return [{ type, round, prepared: claimOf(body.prepared) }, signingStep.roundChange];
  }
  const step = type === voteType.prepare ? signingStep.prepare : signingStep.commit;
  return [{ type, round, blockHash: body.blockHash }, step];
}
