import type { PreparedCertificate } from "@gridledger/protocol/messages/certificate";
import type { ProposedBlock } from "../ports.ts";
import type { HeightParts } from "./height-parts.ts";
import type { HeightMemory } from "./recovery.ts";
import type { RoundClock } from "./round-clock.ts";
import { RoundState, resumedRound } from "./round-state.ts";

/** The rounds of one height: in which one this node is, and how it gets to the next. */
export class Rounds {
  current = new RoundState(0);
  readonly #parts: HeightParts;
  readonly #clock: RoundClock;

  constructor(parts: HeightParts, clock: RoundClock) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** Begins a round without a word. */
  moveTo(number: number): void {
    this.current = new RoundState(number);
    this.#parts.ballot.advance(number);
    this.#parts.voice.beginRound();
    this.#clock.restart(number);
  }

  /** Begins a round and says so, with what was prepared before. */
  change(
    number: number,
    prepared: PreparedCertificate | null,
    block: ProposedBlock | undefined,
  ): void {
    this.moveTo(number);
    const { voice, ballot } = this.#parts;
    const draft = voice.roundChange(number, prepared, block);
    if (draft === undefined) return;
    voice.send([draft], []);
    ballot.addRoundChange(draft.content);
    this.lookForQuorum();
  }

  /** The round's time counts from when a quorum is in it. */
  lookForQuorum(): void {
    const { ballot, electorate } = this.#parts;
    const { isReached, number } = this.current;
    if (isReached || ballot.roundChanges.countFrom(number) < electorate.quorum) return;
    this.current.isReached = true;
    this.#clock.restart(number);
  }

  /** Where the log left this height. */
  resume(memory: HeightMemory): void {
    const { ballot, voice } = this.#parts;
    this.moveTo(memory.round);
    voice.beginRound(memory.outbox);
    if (memory.roundChange !== undefined) ballot.addRoundChange(memory.roundChange);
    for (const { type, vote } of memory.votes) ballot.addVote(type, vote);
    this.current = resumedRound(memory);
  }
}
