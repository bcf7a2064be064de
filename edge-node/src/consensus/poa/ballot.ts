import { Fault } from "@gridledger/protocol/faults";
import { type Vote, type VoteType, voteType } from "@gridledger/protocol/ledger/vote";
import type { Misdeed } from "@gridledger/protocol/messages/evidence";
import { claimOf, isCertificateOf } from "@gridledger/protocol/messages/justification";
import type { RoundChange } from "@gridledger/protocol/messages/round-change";
import type { Action } from "../ports.ts";
import { Accuser } from "./accuser.ts";
import type { Electorate } from "./electorate.ts";
import { RoundChangeStore, type StoredRoundChange } from "./round-change-store.ts";
import { VoteStore } from "./vote-store.ts";

/** A COMMIT quorum of any round decides (SOVEREIGN-NET#2591); those of so many past rounds are kept. */
const COMMIT_ROUNDS_BEHIND = 5;

/** Everything heard from the validators at one height, and the proofs of what contradicts itself. */
export class Ballot {
  readonly prepares: VoteStore;
  readonly commits: VoteStore;
  readonly roundChanges: RoundChangeStore;
  readonly #electorate: Electorate;
  readonly #accuser: Accuser;

  constructor(
    electorate: Electorate,
    emit: (action: Action) => void,
    stores: Partial<Pick<Ballot, "prepares" | "commits" | "roundChanges">> = {},
  ) {
    this.#electorate = electorate;
    this.#accuser = new Accuser(electorate, emit);
    this.prepares = stores.prepares ?? new VoteStore(electorate, voteType.prepare, 0);
    this.commits =
      stores.commits ?? new VoteStore(electorate, voteType.commit, COMMIT_ROUNDS_BEHIND);
    this.roundChanges = stores.roundChanges ?? new RoundChangeStore(electorate);
  }

  get size(): number {
    return this.prepares.size + this.commits.size + this.roundChanges.size;
  }

  /** Moves the window of rounds that are kept. */
  advance(round: number): void {
    this.prepares.advance(round);
    this.commits.advance(round);
  }

  addVote(type: VoteType, vote: Omit<Vote, "height">): void {
    const store = type === voteType.prepare ? this.prepares : this.commits;
    const conflict = store.add(vote);
    if (conflict !== undefined) {
      const [first, second] = conflict;
      this.accuse(vote.from, { first: { type, ...first }, second: { type, ...second } });
    }
    if (type === voteType.commit) this.#compareCommits(vote.from);
  }

  /** The round change as stored; undefined when it is not higher than the validator's last. */
  addRoundChange(message: RoundChange): StoredRoundChange | Fault | undefined {
    const { from, round, prepared: certificate, signature } = message;
    if (!this.roundChanges.isNews(from, round)) return undefined;
    const prepared = claimOf(certificate);
    const statement = { type: voteType.roundChange, round, prepared };
    if (!this.#electorate.verify(from, statement, signature)) {
      return new Fault("ROUND_CHANGE_INVALID", "the signature is wrong");
    }
    const proven =
      prepared === null ||
      (prepared.round < round && isCertificateOf(this.#electorate, prepared, certificate));
    if (!proven) return new Fault("ROUND_CHANGE_INVALID", "the prepared certificate is wrong");
    const stored = { from, round, prepared, certificate, signature };
    this.roundChanges.add(stored);
    this.#compareCommits(from);
    return stored;
  }

  /** The height is decided: its statements may still contradict others, its certificates are done. */
  close(): void {
    this.roundChanges.dropCertificates();
  }

  /** A round change for a decided height: only what it says of own commits matters. */
  addLateRoundChange({ from, round, prepared, signature }: RoundChange): void {
    const late = { from, round, prepared: claimOf(prepared), certificate: null, signature };
    this.roundChanges.add(late);
    this.#compareCommits(from, late);
  }

  accuse(validator: number, misdeed: Misdeed): void {
    if (validator !== this.#electorate.self) this.#accuser.accuse(validator, misdeed);
  }

  /** E4: a commit that the validator's round change does not own up to, in whatever order they came. */
  #compareCommits(validator: number, roundChange = this.roundChanges.of(validator)): void {
    if (roundChange === undefined) return;
    const second = { type: voteType.roundChange, ...roundChange };
    for (const commit of this.commits.of(validator)) {
      this.accuse(validator, { first: { type: voteType.commit, ...commit }, second });
    }
  }
}
