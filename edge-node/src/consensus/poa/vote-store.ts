import { equalBytes } from "@gridledger/protocol/hex";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import type { VoteType } from "@gridledger/protocol/ledger/vote";
import type { Electorate } from "./electorate.ts";

const ROUNDS_AHEAD = 2;

export interface StoredVote {
  readonly round: number;
  readonly from: number;
  readonly blockHash: Uint8Array;
  readonly signature: Uint8Array;
}

interface Slot extends StoredVote {
  verified: boolean;
}

/**
 * Votes of one type at one height: one slot per validator and round, so no signer is ever counted
 * twice. Signatures are verified only when a set reaches the quorum, or when two votes want one slot.
 */
export class VoteStore {
  protected readonly electorate: Electorate;
  readonly #type: VoteType;
  readonly #roundsBehind: number;
  readonly #rounds = new Map<number, (Slot | undefined)[]>();
  #current = 0;

  constructor(electorate: Electorate, type: VoteType, roundsBehind: number) {
    this.electorate = electorate;
    this.#type = type;
    this.#roundsBehind = roundsBehind;
  }

  get size(): number {
    let votes = 0;
    for (const slots of this.#rounds.values()) votes += slots.filter(Boolean).length;
    return votes;
  }

  /** Moves the window of rounds that are kept. */
  advance(round: number): void {
    this.#current = round;
    for (const stored of this.#rounds.keys()) {
      if (!this.#inWindow(stored)) this.#rounds.delete(stored);
    }
  }

  /** Stores the vote. Two valid votes of one validator for different blocks come back as a conflict. */
  add(vote: StoredVote): readonly [StoredVote, StoredVote] | undefined {
    if (!this.#inWindow(vote.round) || vote.from >= this.electorate.size) return undefined;
    const slots = this.#slotsOf(vote.round);
    const held = slots[vote.from];
    if (held === undefined) {
      slots[vote.from] = { ...vote, verified: false };
      return undefined;
    }
    if (equalBytes(held.blockHash, vote.blockHash) && equalBytes(held.signature, vote.signature)) {
      return undefined;
    }
    // Somebody may have put a forged vote into this slot first: look which one is real.
    if (!this.#verify(held)) {
      slots[vote.from] = { ...vote, verified: false };
      return undefined;
    }
    const differs = !equalBytes(held.blockHash, vote.blockHash);
    return differs && this.#verify({ ...vote, verified: false }) ? [held, vote] : undefined;
  }

  count(round: number, blockHash: Uint8Array): number {
    return this.#matching(round, blockHash).length;
  }

  /** The verified votes of a quorum, ascending by validator; forged ones are dropped on the way. */
  quorum(round: number, blockHash: Uint8Array): Seal | undefined {
    const matching = this.#matching(round, blockHash);
    if (matching.length < this.electorate.quorum) return undefined;
    const signatures: { signer: number; signature: Uint8Array }[] = [];
    for (const slot of matching) {
      if (signatures.length === this.electorate.quorum) break;
      if (this.#verify(slot)) signatures.push({ signer: slot.from, signature: slot.signature });
      else this.#drop(slot);
    }
    return signatures.length < this.electorate.quorum ? undefined : { round, signatures };
  }

  /** Rounds in which a quorum, not yet verified, stands behind the block. */
  roundsWithQuorum(blockHash: Uint8Array): number[] {
    const { quorum } = this.electorate;
    return [...this.#rounds.keys()].filter((round) => this.count(round, blockHash) >= quorum);
  }

  of(validator: number): StoredVote[] {
    const votes: StoredVote[] = [];
    for (const slots of this.#rounds.values()) {
      const slot = slots[validator];
      if (slot !== undefined) votes.push(slot);
    }
    return votes;
  }

  #matching(round: number, blockHash: Uint8Array): Slot[] {
    const found: Slot[] = [];
    for (const slot of this.#rounds.get(round) ?? []) {
      if (slot !== undefined && equalBytes(slot.blockHash, blockHash)) found.push(slot);
    }
    return found;
  }

  #verify(slot: Slot): boolean {
    if (!slot.verified) {
      const statement = { type: this.#type, round: slot.round, blockHash: slot.blockHash };
      slot.verified = this.electorate.verify(slot.from, statement, slot.signature);
    }
    return slot.verified;
  }

  #drop(slot: Slot): void {
    const slots = this.#rounds.get(slot.round);
    if (slots !== undefined) slots[slot.from] = undefined;
  }

  #slotsOf(round: number): (Slot | undefined)[] {
    let slots = this.#rounds.get(round);
    if (slots === undefined) {
      slots = new Array<Slot | undefined>(this.electorate.size).fill(undefined);
      this.#rounds.set(round, slots);
    }
    return slots;
  }

  #inWindow(round: number): boolean {
    return round <= this.#current + ROUNDS_AHEAD && round >= this.#current - this.#roundsBehind;
  }
}
