import {
  type Statement,
  type Vote,
  type VoteType,
  voteType,
} from "@gridledger/protocol/ledger/vote";
import type { PreparedCertificate } from "@gridledger/protocol/messages/certificate";
import { encodeCommit } from "@gridledger/protocol/messages/commit";
import type { SignedProposal } from "@gridledger/protocol/messages/evidence";
import { claimOf } from "@gridledger/protocol/messages/justification";
import { encodePrepare } from "@gridledger/protocol/messages/prepare";
import {
  encodeJustification,
  encodeProposal,
  type Justification,
} from "@gridledger/protocol/messages/proposal";
import { encodeRoundChange, type RoundChange } from "@gridledger/protocol/messages/round-change";
import type { ConsensusLane } from "@gridledger/protocol/topics";
import type { Action, ConsensusContext, ProposedBlock, WalRecord } from "../ports.ts";
import type { Electorate } from "./electorate.ts";
import type { Signatory } from "./signatory.ts";
import type { VoteLane } from "./vote-lane.ts";

interface Utterance {
  readonly lane: ConsensusLane;
  readonly bytes: Uint8Array;
}

/** A signed message that has not left yet, with what must be durable first and what it means here. */
export interface Draft<Content> extends Utterance {
  readonly records: readonly WalRecord[];
  readonly content: Content;
}

/** Signs, records and sends this node's messages of one height, and sends those of the round again. */
export class Voice {
  readonly #context: ConsensusContext;
  readonly #electorate: Electorate;
  readonly #signatory: Signatory;
  readonly #emit: (action: Action) => void;
  readonly #voteLane: VoteLane;
  #ofRound: Utterance[] = [];

  constructor(
    context: ConsensusContext,
    electorate: Electorate,
    signatory: Signatory,
    emit: (action: Action) => void,
    voteLane: VoteLane,
  ) {
    this.#voteLane = voteLane;
    this.#context = context;
    this.#electorate = electorate;
    this.#signatory = signatory;
    this.#emit = emit;
  }

  get canSpeak(): boolean {
    return this.#electorate.self >= 0 && this.#signatory.canSign;
  }

  proposal(
    round: number,
    { blockHash, encodedHeader, txHashes }: ProposedBlock,
    justification: Justification | null,
  ): Draft<SignedProposal> | undefined {
    const encodedJustification = encodeJustification(justification);
    const justificationHash = this.#context.suite.hash(encodedJustification);
    const statement = { type: voteType.proposal, round, blockHash, justificationHash };
    return this.#sign("p", statement, (signature) => ({
      bytes: encodeProposal({
        ...this.#place(round),
        encodedHeader,
        txHashes,
        encodedJustification,
        signature,
      }),
      content: { ...statement, signature },
    }));
  }

  vote(type: VoteType, round: number, blockHash: Uint8Array): Draft<Vote> | undefined {
    const encode = type === voteType.prepare ? encodePrepare : encodeCommit;
    const { height, size } = this.#electorate;
    const lane = this.#voteLane.of({ height, round }, size);
    return this.#sign(lane, { type, round, blockHash }, (signature) => {
      const content = { ...this.#place(round), blockHash, signature };
      return { bytes: encode(content), content };
    });
  }

  roundChange(
    round: number,
    prepared: PreparedCertificate | null,
    block: ProposedBlock | undefined,
  ): Draft<RoundChange> | undefined {
    const statement = { type: voteType.roundChange, round, prepared: claimOf(prepared) };
    return this.#sign("r", statement, (signature) => {
      const content = { ...this.#place(round), prepared, block: block ?? null, signature };
      return { bytes: encodeRoundChange(content), content };
    });
  }

  /** The votes of this round went to a relay, and nobody else has heard them yet. */
  get isRelayed(): boolean {
    return this.#ofRound.some(({ lane }) => lane === "q");
  }

  /** The height is decided, and nobody had to repeat a vote: did a relay carry them? */
  end(hasCertificate: boolean): void {
    if (!this.isRelayed) return;
    if (hasCertificate) this.#voteLane.trust();
    else this.#voteLane.doubt(this.#electorate.height);
  }

  /** One group of records, durable before the first of the messages leaves. */
  send(drafts: readonly Draft<unknown>[], before: readonly WalRecord[]): void {
    const records = [...before, ...drafts.flatMap((draft) => draft.records)];
    if (records.length > 0) this.#emit({ type: "record", records });
    for (const { lane, bytes } of drafts) {
      this.#ofRound.push({ lane, bytes });
      this.#emit({ type: "broadcast", lane, bytes });
    }
  }

  /** A new round: what was said before is not said again. */
  beginRound(said: readonly Utterance[] = []): void {
    this.#ofRound = [...said];
  }

  /** Says again what was said in this round; a vote that a relay was to carry now goes to everybody. */
  repeat(): void {
    if (this.isRelayed) this.#voteLane.doubt(this.#electorate.height);
    this.#ofRound = this.#ofRound.map(({ lane, bytes }) => ({
      lane: lane === "q" ? "v" : lane,
      bytes,
    }));
    for (const { lane, bytes } of this.#ofRound) this.#emit({ type: "broadcast", lane, bytes });
  }

  #place(round: number): { height: number; round: number; from: number } {
    return { height: this.#electorate.height, round, from: this.#electorate.self };
  }

  /** Undefined when this node may not sign the statement. */
  #sign<Content>(
    lane: ConsensusLane,
    statement: Statement,
    write: (signature: Uint8Array) => { bytes: Uint8Array; content: Content },
  ): Draft<Content> | undefined {
    const signed = this.#signatory.sign(this.#electorate, statement);
    if (signed === undefined) return undefined;
    const { bytes, content } = write(signed.signature);
    if (signed.place === undefined) return { lane, bytes, content, records: [] };
    // A proposal is as large as its block, which has a record of its own.
    const message = statement.type === voteType.proposal ? new Uint8Array() : bytes;
    return { lane, bytes, content, records: [{ kind: "signed", ...signed.place, message }] };
  }
}
