import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { type Vote, type VoteType, voteType } from "@gridledger/protocol/ledger/vote";
import type { Certificate, PreparedCertificate } from "@gridledger/protocol/messages/certificate";
import type { SignedProposal } from "@gridledger/protocol/messages/evidence";
import type { Justification, Proposal } from "@gridledger/protocol/messages/proposal";
import type { RoundChange } from "@gridledger/protocol/messages/round-change";
import type { ProposedBlock, WalRecord } from "../ports.ts";
import type { BlockShelf } from "./block-shelf.ts";
import { HeightBlocks } from "./height-blocks.ts";
import type { HeightParts } from "./height-parts.ts";
import { justify } from "./justification.ts";
import { judgeProposal, readProposal } from "./proposal-intake.ts";
import { namedBlock } from "./proposed-block.ts";
import type { HeightMemory } from "./recovery.ts";
import { RoundClock } from "./round-clock.ts";
import type { RoundState } from "./round-state.ts";
import { Rounds } from "./rounds.ts";
import type { Draft } from "./voice.ts";

/** Bad copies of a proposal a relay may have made; after that the round waits for its timer. */
const MAX_FAILED_CHECKS = 3;

/**
 * QBFT at one height, from the new head to the decision: rounds, proposals, votes and round changes
 * (docs/consensus.md §3; ConsenSys/qbft-formal-spec-and-verification). There is no lock variable: who
 * committed in round r shows a certificate of at least r in every later round change, and a quorum of
 * those always meets such a validator.
 */
export class HeightMachine {
  protected readonly parts: HeightParts;
  protected prepared: PreparedCertificate | null = null;
  #decided = false;
  #hasCertificate = false;
  readonly #clock: RoundClock;
  readonly #rounds: Rounds;
  readonly #blocks: HeightBlocks;

  constructor(parts: HeightParts, connected: boolean) {
    this.parts = parts;
    this.#clock = new RoundClock(parts, connected);
    this.#rounds = new Rounds(parts, this.#clock);
    this.#blocks = new HeightBlocks(parts, () => [this.round.candidate, this.prepared]);
  }

  get isDecided(): boolean {
    return this.#decided;
  }

  get currentRound(): number {
    return this.round.number;
  }

  /** Whose turn this round is. */
  get proposer(): number {
    return this.parts.electorate.proposer(this.round.number);
  }

  /** What was proposed in this round, and by whom. */
  get proposal(): { readonly from: number; readonly statement: SignedProposal } | undefined {
    const statement = this.round.candidate?.statement;
    const from = this.proposer;
    return statement === undefined ? undefined : { from, statement };
  }

  /** Messages and blocks held; bounded by the number of validators alone. */
  get held(): { readonly messages: number; readonly blocks: number } {
    return { messages: this.parts.ballot.size, blocks: this.shelf.size };
  }

  protected get round(): RoundState {
    return this.#rounds.current;
  }

  protected get shelf(): BlockShelf {
    return this.#blocks.shelf;
  }

  /** Takes the height up where the WAL left it, or fresh. */
  start(memory: HeightMemory | undefined): void {
    this.#clock.begin();
    if (memory === undefined) return;
    for (const block of memory.blocks) this.shelf.putRecorded(block);
    if (memory.decided !== undefined) {
      const { blockHash, seal } = memory.decided;
      if (this.#isExecutable(blockHash)) this.#finish(blockHash, seal, []);
      if (this.#decided) return;
    }
    this.prepared = memory.prepared;
    this.#rounds.resume(memory);
    this.#tryAccept();
    // What was prepared or voted for is unfinished business: somebody wanted this block.
    if (this.prepared !== null || this.round.candidate !== undefined) this.want();
  }

  /** Somebody wants a block: only from here on do timers run (besu#10917). */
  want(): void {
    if (this.#decided) return;
    this.#clock.want(this.round.number);
    this.#tryPropose();
  }

  onConnection(connected: boolean): void {
    if (this.#decided) return;
    this.#clock.setConnected(connected, this.round.number);
    if (this.#clock.isRunning) this.parts.voice.repeat();
    this.#tryPropose();
  }

  /** This node may sign again: says in which round it is, where it moved in silence. */
  onResumed(): void {
    const { number, candidate } = this.round;
    if (this.#decided) return;
    if (number > 0 && candidate === undefined) this.changeRound(number);
    else this.#clock.restart(number);
    this.#tryPropose();
  }

  onTimer(id: number): void {
    const purpose = this.parts.pacemaker.expired(id);
    if (purpose === undefined || this.#decided) return;
    if (purpose === "round") {
      this.onRoundTimeout();
    } else if (purpose === "interval") {
      this.#clock.endInterval();
      this.#tryPropose();
    } else {
      this.parts.voice.repeat();
      this.#blocks.askAgain();
      this.#tryAccept();
      this.#clock.retransmit(this.round.number);
    }
  }

  onBodies(): void {
    if (this.#decided) return;
    this.#tryAccept();
    for (const blockHash of this.shelf.hashes) this.#tryDecideBlock(blockHash);
    this.#tryPropose();
  }

  onProposal(proposal: Proposal): void {
    const { round, from } = proposal;
    if (round < this.round.number) return;
    const read = readProposal(this.parts, proposal);
    if (read instanceof Fault) this.#reject(read, from);
    else if (round > this.round.number || this.round.candidate === undefined) {
      this.#onFirstProposal(proposal, read);
    } else this.#onSecondProposal(proposal, read);
  }

  /** Votes that a relay bundled; each counts as if it had come alone. */
  onCertificate({ type, blockHash, seal }: Certificate): void {
    this.#hasCertificate = true;
    for (const { signer, signature } of seal.signatures) {
      if (this.#decided) return;
      if (signer === this.parts.electorate.self) continue;
      this.onVote(type, { round: seal.round, from: signer, blockHash, signature });
    }
  }

  onVote(type: VoteType, vote: Omit<Vote, "height">): void {
    this.parts.ballot.addVote(type, vote);
    if (type === voteType.commit) this.tryDecide(vote.round, vote.blockHash);
    else if (vote.round === this.round.number) this.tryCommit();
  }

  onRoundChange(message: RoundChange): void {
    const { ballot, electorate } = this.parts;
    const stored = ballot.addRoundChange(message);
    if (stored instanceof Fault) {
      this.#reject(stored, message.from);
      return;
    }
    const prepared = this.#blocks.preparedOf(message);
    if (prepared !== undefined) this.#learn(prepared);
    if (stored !== undefined) {
      // f+1 validators want a block, or a quorum once wanted the one that is proven prepared.
      if (stored.prepared !== null || ballot.roundChanges.size > electorate.faults) this.want();
      const target = ballot.roundChanges.jumpTarget(this.round.number);
      if (target !== undefined) this.changeRound(target);
      this.#rounds.lookForQuorum();
    }
    this.#tryPropose();
  }

  /**
   * Nobody runs ahead of a quorum. With a capped timer those who waited alone for the others would
   * otherwise stay a few rounds before them for ever, each side too few to be followed.
   */
  protected onRoundTimeout(): void {
    if (this.round.isReached) this.changeRound(this.round.number + 1);
    else this.#clock.restart(this.round.number);
  }

  /** Whether a proposal may be voted for. */
  protected judge(proposal: Proposal, statement: SignedProposal): "fresh" | "prepared" | Fault {
    return judgeProposal(this.parts, proposal, statement);
  }

  /** What the round changes allow this node to propose; undefined when they are too few. */
  protected justify(): Justification | undefined {
    const roundChanges = this.parts.ballot.roundChanges.at(this.round.number);
    if (roundChanges.length < this.parts.electorate.quorum) return undefined;
    return justify(roundChanges);
  }

  /** Every check is passed: votes for the block, together with its proposal when it is the own one. */
  protected accept(blockHash: Uint8Array, before: readonly Draft<unknown>[]): void {
    const { round } = this;
    const block = this.shelf.get(blockHash);
    if (block === undefined) return;
    round.accepted = blockHash;
    // After a restart the vote may already be given, and then it is for this block or none.
    if (round.votedFor === undefined) {
      const record: WalRecord = { kind: "block", height: block.header.height, block };
      const records = this.shelf.needsRecord(blockHash) ? [record] : [];
      const vote = this.parts.voice.vote(voteType.prepare, round.number, blockHash);
      const drafts = vote === undefined ? before : [...before, vote];
      if (drafts.length > 0) this.parts.voice.send(drafts, records);
      if (vote !== undefined) {
        round.votedFor = blockHash;
        this.parts.ballot.addVote(voteType.prepare, vote.content);
      }
    }
    this.tryCommit();
    this.#tryDecideBlock(blockHash);
  }

  /** A quorum prepared the accepted block: never for a round below the current one. */
  protected tryCommit(): void {
    const { round } = this;
    const { voice, ballot, event } = this.parts;
    const blockHash = round.accepted;
    if (blockHash === undefined || round.committed || round.votedFor === undefined) return;
    const seal = ballot.prepares.quorum(round.number, blockHash);
    if (seal === undefined) return;
    const commit = voice.vote(voteType.commit, round.number, blockHash);
    if (commit === undefined) return;
    round.committed = true;
    this.prepared = { blockHash, seal };
    const { height } = event;
    voice.send([commit], [{ kind: "prepared", height, blockHash, certificate: seal }]);
    ballot.addVote(voteType.commit, commit.content);
    this.tryDecide(round.number, blockHash);
  }

  /** A quorum of COMMITs of any round of this height decides. */
  protected tryDecide(round: number, blockHash: Uint8Array): void {
    if (this.#decided || this.shelf.get(blockHash) === undefined) return;
    const seal = this.parts.ballot.commits.quorum(round, blockHash);
    if (seal === undefined || !this.#isExecutable(blockHash)) return;
    const { height } = this.parts.event;
    this.#finish(blockHash, seal, [{ kind: "decided", height, blockHash, seal }]);
  }

  protected changeRound(number: number): void {
    const { prepared } = this;
    const block = prepared === null ? undefined : this.shelf.get(prepared.blockHash);
    this.#blocks.askAgain();
    this.#rounds.change(number, prepared, block);
    this.#tryPropose();
  }

  #onFirstProposal(proposal: Proposal, statement: SignedProposal): void {
    const { round, from, signature } = proposal;
    const { blockHash } = statement;
    const verdict = this.parts.electorate.verify(from, statement, signature)
      ? this.judge(proposal, statement)
      : new Fault("VOTE_INVALID", "the proposal's signature is wrong");
    if (verdict instanceof Fault) {
      this.#reject(verdict, from);
      return;
    }
    if (round > this.round.number) {
      this.#blocks.askAgain();
      this.#rounds.moveTo(round);
    }
    // The justification holds round changes of a quorum.
    this.round.isReached = true;
    if (this.round.failedChecks >= MAX_FAILED_CHECKS) return;
    this.round.candidate = { blockHash, fresh: verdict === "fresh", statement };
    this.#learn(namedBlock(proposal, blockHash, proposal.header));
    this.want();
  }

  #onSecondProposal(proposal: Proposal, statement: SignedProposal): void {
    const { candidate } = this.round;
    const { blockHash } = statement;
    if (candidate === undefined) return;
    if (candidate.statement !== undefined) {
      const misdeed = { first: candidate.statement, second: statement };
      this.parts.ballot.accuse(proposal.from, misdeed);
    }
    if (equalBytes(candidate.blockHash, blockHash)) {
      this.#learn(namedBlock(proposal, blockHash, proposal.header));
    }
  }

  #tryDecideBlock(blockHash: Uint8Array): void {
    const rounds = this.parts.ballot.commits.roundsWithQuorum(blockHash);
    for (const round of rounds) this.tryDecide(round, blockHash);
  }

  /** Decided is the end of the height: no timer and no vote after it means anything (besu#1734). */
  #finish(blockHash: Uint8Array, seal: Seal, records: WalRecord[]): void {
    const block = this.shelf.get(blockHash);
    if (block === undefined) return;
    const { electorate, pacemaker, emit, context, voice } = this.parts;
    this.#decided = true;
    pacemaker.stop();
    voice.end(this.#hasCertificate);
    if (records.length > 0 && context.signer !== undefined) emit({ type: "record", records });
    const publish = electorate.proposer(seal.round) === electorate.self;
    emit({ type: "decide", block, seal, publish });
  }

  #tryAccept(): void {
    const { round } = this;
    if (round.candidate === undefined || round.accepted !== undefined) return;
    const { blockHash, fresh } = round.candidate;
    const verdict = this.shelf.execute(blockHash, round.number, fresh);
    if (verdict === "valid") this.accept(blockHash, []);
    if (!(verdict instanceof Fault)) return;
    round.failedChecks++;
    round.candidate = undefined;
    this.#reject(verdict, this.proposer);
  }

  #tryPropose(): void {
    const { electorate, context } = this.parts;
    const { candidate, votedFor, number } = this.round;
    const isFree = candidate === undefined && votedFor === undefined && !this.#decided;
    if (!(isFree && this.#clock.isRunning)) return;
    if (this.proposer !== electorate.self) return;
    if (number === 0) {
      if (this.#clock.isIntervalOver) this.#propose(context.blocks.build(0), null);
      return;
    }
    const justification = this.justify();
    if (justification === undefined) return;
    const { prepared } = justification;
    if (prepared === null) this.#propose(context.blocks.build(number), justification);
    else if (this.#isExecutable(prepared.blockHash)) {
      this.#propose(this.shelf.get(prepared.blockHash), justification);
    }
  }

  #propose(block: ProposedBlock | undefined, justification: Justification | null): void {
    if (block === undefined) return;
    const draft = this.parts.voice.proposal(this.round.number, block, justification);
    // Refused after a restart in the middle of this round: the next proposer takes over.
    if (draft === undefined) return;
    const { blockHash } = block;
    this.round.candidate = { blockHash, fresh: true, statement: draft.content };
    this.shelf.putOwn(block);
    this.accept(blockHash, [draft]);
  }

  #learn(block: ProposedBlock): void {
    this.shelf.put(block);
    this.#tryAccept();
    this.#tryDecideBlock(block.blockHash);
  }

  #isExecutable(blockHash: Uint8Array): boolean {
    return this.#blocks.isExecutable(blockHash, this.round.number);
  }

  #reject(fault: Fault, from: number): void {
    const publisher = this.parts.electorate.publisherOf(from);
    this.parts.emit({ type: "reject", code: fault.code, publisher, detail: fault.message });
  }
}
