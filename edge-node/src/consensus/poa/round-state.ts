import { voteType } from "@gridledger/protocol/ledger/vote";
import type { SignedProposal } from "@gridledger/protocol/messages/evidence";
import type { HeightMemory } from "./recovery.ts";

/** The proposal of a round, once signature and justification are found good. */
export interface Candidate {
  readonly blockHash: Uint8Array;
  readonly fresh: boolean;
  /** Unknown after a restart. */
  readonly statement: SignedProposal | undefined;
}

/** What happened in one round; a new round starts with a new one. */
export class RoundState {
  readonly number: number;
  candidate: Candidate | undefined;
  /** The candidate passed every check. */
  accepted: Uint8Array | undefined;
  /** Block of the own PREPARE. */
  votedFor: Uint8Array | undefined;
  committed = false;
  failedChecks = 0;
  /** A quorum is in this round or above. */
  isReached: boolean;

  constructor(number: number) {
    this.number = number;
    this.isReached = number === 0;
  }
}

/** The round in which the log ended: what was voted for is its candidate. */
export function resumedRound({ round: number, votes }: HeightMemory): RoundState {
  const round = new RoundState(number);
  for (const { type, vote } of votes) {
    const { blockHash } = vote;
    round.candidate = { blockHash, fresh: false, statement: undefined };
    round.votedFor = blockHash;
    // Voted for in a later round: its proposal held the round changes of a quorum.
    round.isReached = true;
    if (type === voteType.commit) round.committed = true;
  }
  return round;
}
