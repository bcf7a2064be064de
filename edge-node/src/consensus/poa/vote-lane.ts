import { ALL_TO_ALL_UP_TO } from "@gridledger/protocol/ledger/validators";
import type { ConsensusLane } from "@gridledger/protocol/topics";

/** Heights without the relay after it let one wait; doubled each further time. */
const FIRST_DOUBT_HEIGHTS = 8;
const MAX_DOUBT_HEIGHTS = 256;

/**
 * The lane on which votes leave. Certificates of a relay and votes that come alone fill the same stores,
 * so this decides about bytes and time, never about what is true (docs/consensus.md §3).
 */
export class VoteLane {
  #doubtedTo = 0;
  #doubts = 0;

  /** Only the first round is relayed: after a time-out everybody speaks to everybody. */
  of(
    place: { readonly height: number; readonly round: number },
    validators: number,
  ): ConsensusLane {
    const relayed = validators > ALL_TO_ALL_UP_TO && place.round === 0;
    return relayed && place.height > this.#doubtedTo ? "q" : "v";
  }

  /** A vote given to the relay brought no decision in time. */
  doubt(height: number): void {
    if (height <= this.#doubtedTo) return;
    const heights = Math.min(MAX_DOUBT_HEIGHTS, FIRST_DOUBT_HEIGHTS * 2 ** this.#doubts);
    this.#doubts = Math.min(this.#doubts + 1, 5);
    this.#doubtedTo = height + heights;
  }

  /** A vote given to the relay was part of a decision that nobody had to wait for. */
  trust(): void {
    this.#doubts = 0;
  }
}
