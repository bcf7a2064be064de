import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { type Vote, type VoteType, voteType } from "@gridledger/protocol/ledger/vote";
import type { PreparedCertificate } from "@gridledger/protocol/messages/certificate";
import type { SignedStatement } from "@gridledger/protocol/messages/evidence";
import type { Justification, Proposal } from "@gridledger/protocol/messages/proposal";
import type { RoundChange } from "@gridledger/protocol/messages/round-change";
import type { ProposedBlock, WalRecord } from "../ports.ts";
import { BlockShelf } from "./block-shelf.ts";
import { BodyFetcher } from "./body-fetcher.ts";
import type { HeightParts } from "./height-parts.ts";
import { judge, judgeFresh, justify } from "./justification.ts";
import { namedBlock } from "./proposed-block.ts";
import type { HeightMemory } from "./recovery.ts";
import { RoundClock } from "./round-clock.ts";
import { RoundState } from "./round-state.ts";
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
  protected readonly shelf: BlockShelf;
  protected round = new RoundState(0);
  protected prepared: PreparedCertificate | null = null;
  #decided = false;
  readonly #clock: RoundClock;
  readonly #fetcher: BodyFetcher;

  constructor(parts: HeightParts, connected: boolean) {
    this.parts = parts;
    const { context, electorate, emit } = parts;
    this.#clock = new RoundClock(parts, connected);
    this.#fetcher = new BodyFetcher(electorate, emit);
    this.shelf = new BlockShelf(context.blocks, this.#fetcher, (hash) => this.#isInUse(hash));
  }

  get isDecided(): boolean {
    return this.#decided;
  }

  get currentRound(): number {
    return this.round.number;
  }

  /** Messages and blocks held; bounded by the number of validators alone. */
  get held(): { readonly messages: number; readonly blocks: number } {
    return { messages: this.parts.ballot.size, blocks: this.shelf.size };
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
    this.#moveTo(memory.round);
    this.#takeUpVotes(memory);
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
      this.#fetcher.askAgain();
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
    const { round, from, signature } = proposal;
    if (round < this.round.number) return;
    const { electorate, context } = this.parts;
    const { hash } = context.suite;
    if (from !== electorate.proposer(round)) {
      this.#reject(new Fault("PROPOSAL_INVALID", "it is not this validator's turn"), from);
      return;
    }
    const blockHash = hash(proposal.encodedHeader);
    const statement: SignedStatement = {
      type: voteType.proposal,
      round,
      blockHash,
      justificationHash: hash(proposal.encodedJustification),
      signature,
    };
    if (round === this.round.number && this.round.candidate !== undefined) {
      this.#onSecondProposal(proposal, blockHash, statement);
      return;
    }
    const verdict = electorate.verify(from, statement, signature)
      ? this.judge(proposal, blockHash)
      : new Fault("VOTE_INVALID", "the proposal's signature is wrong");
    if (verdict instanceof Fault) {
      this.#reject(verdict, from);
      return;
    }
    if (round > this.round.number) this.#moveTo(round);
    // The justification holds round changes of a quorum.
    this.round.isReached = true;
    if (this.round.failedChecks >= MAX_FAILED_CHECKS) return;
    this.round.candidate = { blockHash, fresh: verdict === "fresh", statement };
    this.#learn(namedBlock(proposal, blockHash, proposal.header));
    this.want();
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
    this.#learnPrepared(message);
    if (stored !== undefined) {
      // f+1 validators want a block, or a quorum once wanted the one that is proven prepared.
      if (stored.prepared !== null || ballot.roundChanges.size > electorate.faults) this.want();
      const target = ballot.roundChanges.jumpTarget(this.round.number);
      if (target !== undefined) this.changeRound(target);
      this.#lookForQuorum();
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
  protected judge(proposal: Proposal, blockHash: Uint8Array): "fresh" | "prepared" | Fault {
    const { electorate, event } = this.parts;
    const verdict = judge(electorate, proposal, blockHash);
    return verdict === "fresh" ? (judgeFresh(event, proposal) ?? verdict) : verdict;
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

  #onSecondProposal(proposal: Proposal, blockHash: Uint8Array, statement: SignedStatement): void {
    const { candidate } = this.round;
    if (candidate === undefined) return;
    if (candidate.statement !== undefined) {
      this.parts.ballot.accuse(proposal.from, candidate.statement, statement);
    }
    if (equalBytes(candidate.blockHash, blockHash)) {
      this.#learn(namedBlock(proposal, blockHash, proposal.header));
    }
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

  #tryDecideBlock(blockHash: Uint8Array): void {
    const rounds = this.parts.ballot.commits.roundsWithQuorum(blockHash);
    for (const round of rounds) this.tryDecide(round, blockHash);
  }

  /** Decided is the end of the height: no timer and no vote after it means anything (besu#1734). */
  #finish(blockHash: Uint8Array, seal: Seal, records: WalRecord[]): void {
    const block = this.shelf.get(blockHash);
    if (block === undefined) return;
    const { electorate, pacemaker, emit, context } = this.parts;
    this.#decided = true;
    pacemaker.stop();
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
    this.#reject(verdict, this.parts.electorate.proposer(round.number));
  }

  protected changeRound(number: number): void {
    this.#moveTo(number);
    const { prepared } = this;
    const { voice, ballot } = this.parts;
    const block = prepared === null ? undefined : this.shelf.get(prepared.blockHash);
    const draft = voice.roundChange(number, prepared, block);
    if (draft !== undefined) {
      voice.send([draft], []);
      ballot.addRoundChange(draft.content);
      this.#lookForQuorum();
    }
    this.#tryPropose();
  }

  /** The round's time counts from when a quorum is in it. */
  #lookForQuorum(): void {
    const { round } = this;
    const { ballot, electorate } = this.parts;
    if (round.isReached || ballot.roundChanges.countFrom(round.number) < electorate.quorum) return;
    round.isReached = true;
    this.#clock.restart(round.number);
  }

  #moveTo(number: number): void {
    this.round = new RoundState(number);
    this.parts.ballot.advance(number);
    this.parts.voice.beginRound();
    this.#fetcher.askAgain();
    this.#clock.restart(number);
  }

  #tryPropose(): void {
    const { electorate, context } = this.parts;
    const { candidate, votedFor, number } = this.round;
    const isFree = candidate === undefined && votedFor === undefined && !this.#decided;
    if (!(isFree && this.#clock.isRunning)) return;
    if (electorate.proposer(number) !== electorate.self) return;
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

  /** A round change carries the prepared block for a proposer that never saw it. */
  #learnPrepared({ from, block, prepared }: RoundChange): void {
    const known = this.parts.ballot.roundChanges.of(from)?.certificate ?? null;
    if (block === null || prepared === null || known === null) return;
    const blockHash = this.parts.context.suite.hash(block.encodedHeader);
    if (!equalBytes(blockHash, prepared.blockHash) || !equalBytes(blockHash, known.blockHash))
      return;
    if (this.#isInUse(blockHash)) this.#learn(namedBlock(block, blockHash));
  }

  /** The blocks that the next steps can need: candidate, own prepared, highest prepared of the others. */
  #isInUse(blockHash: Uint8Array): boolean {
    const { prepared } = justify(this.parts.ballot.roundChanges.all);
    const inUse = [this.round.candidate, this.prepared, prepared];
    return inUse.some((block) => block != null && equalBytes(block.blockHash, blockHash));
  }

  #isExecutable(blockHash: Uint8Array): boolean {
    const verdict = this.shelf.execute(blockHash, this.round.number, false);
    if (verdict instanceof Fault) {
      // A quorum stands behind what this node computes differently, or a relay mangled its hashes.
      this.parts.emit({ type: "alarm", code: verdict.code, detail: verdict.message });
    }
    return verdict === "valid";
  }

  #takeUpVotes(memory: HeightMemory): void {
    const { ballot, voice } = this.parts;
    voice.beginRound(memory.outbox);
    if (memory.roundChange !== undefined) ballot.addRoundChange(memory.roundChange);
    for (const { type, vote } of memory.votes) {
      ballot.addVote(type, vote);
      const { blockHash } = vote;
      this.round.candidate = { blockHash, fresh: false, statement: undefined };
      this.round.votedFor = blockHash;
      // Voted for in a later round: its proposal held the round changes of a quorum.
      this.round.isReached = true;
      if (type === voteType.commit) this.round.committed = true;
    }
    this.#tryAccept();
  }

  #reject(fault: Fault, from: number): void {
    const publisher = this.parts.electorate.publisherOf(from);
    this.parts.emit({ type: "reject", code: fault.code, publisher, detail: fault.message });
  }
}
