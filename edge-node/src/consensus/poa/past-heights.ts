import type { Hash } from "@gridledger/protocol/crypto/suite";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { voteType } from "@gridledger/protocol/ledger/vote";
import type { SignedProposal } from "@gridledger/protocol/messages/evidence";
import { messageType } from "@gridledger/protocol/messages/numbers";
import type { Ballot } from "./ballot.ts";
import type { Electorate, NewHeight } from "./electorate.ts";
import { type ConsensusMessage, proposalStatement } from "./messages.ts";

/** Heights are kept for so many validators in all, within these limits. */
const MAX_VALIDATORS = 1_024;
const MAX_HEIGHTS = 64;
const MIN_HEIGHTS = 8;
/** Taken from relays for one decided height. */
const MAX_CERTIFICATES = 4;

/** One height, from when it is decided: late messages are compared with what was heard and with the seal. */
class PastHeight {
  readonly #electorate: Electorate;
  readonly #ballot: Ballot;
  /** The first heard of each validator. */
  readonly #proposals = new Map<number, SignedProposal>();
  #certificates = 0;

  constructor(electorate: Electorate, ballot: Ballot) {
    this.#electorate = electorate;
    this.#ballot = ballot;
  }

  get size(): number {
    return this.#ballot.size + this.#proposals.size;
  }

  close(blockHash: Uint8Array, seal: Seal | undefined): void {
    this.#electorate.forget();
    this.#ballot.close();
    if (seal === undefined) return;
    this.#ballot.advance(seal.round);
    this.#addVotes(voteType.commit, blockHash, seal);
  }

  addProposal(from: number, statement: SignedProposal): void {
    const held = this.#proposals.get(from);
    if (held === undefined) this.#proposals.set(from, statement);
    else this.#ballot.accuse(from, { first: held, second: statement });
  }

  hear(hash: Hash, publisher: string, message: ConsensusMessage): void {
    const { type, body } = message;
    if (type === messageType.certificate) {
      if (++this.#certificates <= MAX_CERTIFICATES)
        this.#addVotes(body.type, body.blockHash, body.seal);
    } else if (this.#electorate.publisherOf(body.from) !== publisher) return;
    else if (type === voteType.proposal) this.addProposal(body.from, proposalStatement(hash, body));
    else if (type === voteType.roundChange) this.#ballot.addLateRoundChange(body);
    else this.#ballot.addVote(type, body);
  }

  #addVotes(type: Parameters<Ballot["addVote"]>[0], blockHash: Uint8Array, seal: Seal): void {
    for (const { signer, signature } of seal.signatures) {
      this.#ballot.addVote(type, { round: seal.round, from: signer, blockHash, signature });
    }
  }
}

/**
 * The last decided heights, for as long as a late message may still prove an offence: against the seal,
 * against what came in time, or against another late one. No signature is looked at before two things
 * contradict each other, so it costs the normal path one comparison a late vote. Memory is bounded by
 * heights and validators: of rounds, only those that `VoteStore` keeps around the sealed one.
 */
export class PastHeights {
  readonly #hash: Hash;
  readonly #heights = new Map<number, PastHeight>();

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** Statements held. */
  get size(): number {
    let statements = 0;
    for (const height of this.#heights.values()) statements += height.size;
    return statements;
  }

  /** Begins to watch a height; the oldest ones are let go. */
  open(electorate: Electorate, ballot: Ballot): void {
    this.#heights.set(electorate.height, new PastHeight(electorate, ballot));
    const share = Math.floor(MAX_VALIDATORS / Math.max(1, electorate.size));
    const kept = 1 + Math.min(MAX_HEIGHTS, Math.max(MIN_HEIGHTS, share));
    for (const height of this.#heights.keys()) {
      if (this.#heights.size <= kept) break;
      this.#heights.delete(height);
    }
  }

  /** The height before the new one is decided; `proposal` is what was proposed in its last round. */
  close(
    { height, parentHash, parentSeal }: NewHeight,
    proposal: { readonly from: number; readonly statement: SignedProposal } | undefined,
  ): void {
    const past = this.#heights.get(height - 1);
    if (proposal !== undefined) past?.addProposal(proposal.from, proposal.statement);
    past?.close(parentHash, parentSeal);
  }

  hear(publisher: string, message: ConsensusMessage): void {
    this.#heights.get(message.body.height)?.hear(this.#hash, publisher, message);
  }
}
