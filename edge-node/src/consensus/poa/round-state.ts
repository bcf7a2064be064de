import type { SignedStatement } from "@gridledger/protocol/messages/evidence";

/** The proposal of a round, once signature and justification are found good. */
export interface Candidate {
  readonly blockHash: Uint8Array;
  readonly fresh: boolean;
  /** Unknown after a restart. */
  readonly statement: SignedStatement | undefined;
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
