import { asFault, type FaultCode } from "@gridledger/protocol/faults";
import { voteType } from "@gridledger/protocol/ledger/vote";
import type { Certificate } from "@gridledger/protocol/messages/certificate";
import { messageType } from "@gridledger/protocol/messages/numbers";
import type { Engine, EngineFactory } from "../engine.ts";
import {
  type Action,
  type AmnesiaState,
  type ConsensusContext,
  type EngineEvent,
  signingStep,
  type WalRecord,
} from "../ports.ts";
import { Amnesia } from "./amnesia.ts";
import { Ballot } from "./ballot.ts";
import { Electorate, type NewHeight } from "./electorate.ts";
import { HeardHeads } from "./heard-heads.ts";
import { HeightMachine } from "./height-machine.ts";
import type { HeightParts } from "./height-parts.ts";
import { type ConsensusMessage, decodeMessage } from "./messages.ts";
import { NextHeightBuffer } from "./next-height-buffer.ts";
import { isSignedElsewhere } from "./own-key-fence.ts";
import { Pacemaker } from "./pacemaker.ts";
import { PastHeights } from "./past-heights.ts";
import { recall } from "./recovery.ts";
import { Signatory } from "./signatory.ts";
import { Voice } from "./voice.ts";
import { VoteLane } from "./vote-lane.ts";

/** Taken from relays at one height: two are needed, each forged one costs a check a signer. */
const MAX_CERTIFICATES = 16;
/** Heights that may pass without the first commit of a validator that started with nothing. */
const NEWCOMER_HEIGHTS = 2;

/** Proof of authority: QBFT on a broker, final at once (guide §4.2.2; docs/consensus.md). */
export const poa: EngineFactory = {
  name: "poa",
  create: (context) => new PoaEngine(context),
};

/**
 * Carries the node from height to height: what survives a height (the key with its guard, amnesia, the
 * WAL's memory, early messages) lives here, everything else in the height's own machine.
 */
export class PoaEngine implements Engine {
  protected readonly context: ConsensusContext;
  readonly #signatory: Signatory;
  readonly #pacemaker: Pacemaker;
  readonly #early = new NextHeightBuffer();
  readonly #voteLane = new VoteLane();
  readonly #past: PastHeights;
  #certificates = 0;
  #actions: Action[] = [];
  #machine: HeightMachine | undefined;
  #electorate: Electorate | undefined;
  #amnesia: Amnesia | undefined;
  /** Records of heights that the chain has not reached again. */
  #memory: readonly WalRecord[] = [];
  #connected = false;
  #wal: Extract<EngineEvent, { type: "restored" }>["wal"] = "intact";
  #state: AmnesiaState = "over";
  /** Of a newcomer: heights of its own set that have passed without its commit. */
  #missedHeights = 0;
  readonly #heads = new HeardHeads();
  /** A newcomer that signs nothing at this height. */
  #isHeld = false;

  constructor(context: ConsensusContext) {
    this.context = context;
    this.#signatory = new Signatory(context);
    this.#pacemaker = new Pacemaker((action) => this.#emit(action));
    this.#past = new PastHeights(context.suite.hash);
  }

  /** For the console and the STATUS message. Read after each event, so what is held is counted only when asked. */
  get view(): {
    readonly height: number;
    readonly round: number;
    readonly suspended: FaultCode | undefined;
    readonly proposer: number | undefined;
    readonly heldMessages: number;
    readonly heldBlocks: number;
    /** Of decided heights. */
    readonly heldLate: number;
  } {
    const [machine, early, past] = [this.#machine, this.#early, this.#past];
    return {
      height: this.#electorate?.height ?? 0,
      round: machine?.currentRound ?? 0,
      suspended: this.#signatory.suspended,
      proposer: machine?.proposer,
      get heldMessages() {
        return (machine?.held.messages ?? 0) + early.size;
      },
      get heldBlocks() {
        return machine?.held.blocks ?? 0;
      },
      get heldLate() {
        return past.size;
      },
    };
  }

  handle(event: EngineEvent): readonly Action[] {
    this.#actions = [];
    this.#dispatch(event);
    return this.#actions;
  }

  protected createElectorate(event: NewHeight): Electorate {
    return new Electorate(this.context, event);
  }

  protected createBallot(electorate: Electorate, emit: (action: Action) => void): Ballot {
    return new Ballot(electorate, emit);
  }

  protected createMachine(parts: HeightParts, connected: boolean): HeightMachine {
    return new HeightMachine(parts, connected);
  }

  #dispatch(event: EngineEvent): void {
    switch (event.type) {
      case "restored":
        this.#onRestored(event);
        break;
      case "newHeight":
        this.#onNewHeight(event);
        break;
      case "message":
        this.#onMessage(event.publisher, event.bytes);
        break;
      case "timer":
        this.#machine?.onTimer(event.id);
        break;
      case "work":
        this.#machine?.want();
        break;
      case "bodiesArrived":
        this.#machine?.onBodies();
        break;
      case "connected":
      case "disconnected":
        this.#connected = event.type === "connected";
        this.#machine?.onConnection(this.#connected);
        break;
      case "mined":
        break;
      case "peerStatus":
        this.#amnesia?.hear(event.publisher, event.height);
        if (this.#state === "new") this.#heads.hear(event.publisher, event.height);
        this.#holdNewcomer();
        break;
      case "ownKeyElsewhere":
        this.#suspend("KEY_IN_USE_ELSEWHERE", "a STATUS with this key and another boot id");
        break;
      case "released":
        this.#endAmnesia(`released by the operator: ${event.reason}`);
        break;
    }
  }

  #onRestored({ wal, records }: Extract<EngineEvent, { type: "restored" }>): void {
    for (const record of records) if (record.kind === "signed") this.#signatory.remember(record);
    this.#memory = records;
    this.#wal = wal;
    const marks = records.filter((record) => record.kind === "amnesia");
    this.#state = marks.at(-1)?.state ?? "over";
    this.#signatory.resume();
    if (wal === "damaged" && this.#state !== "active") this.#mark("active");
    if (this.#state === "active") this.#forget(`the WAL is ${wal}`);
  }

  /** From here on nothing is signed until the chain is above everything this key can have signed. */
  #forget(detail: string): void {
    if (this.context.signer === undefined) return;
    this.#amnesia = new Amnesia();
    this.#isHeld = false;
    if (this.#state !== "active") this.#mark("active");
    this.#suspend("SIGNING_SUSPENDED", detail);
  }

  /**
   * Without WAL and chain this is a new validator, or one whose disk was wiped. The wiped one shows
   * when the chain goes on without it: a quorum commits at every height, so among new validators at
   * most f miss the first two at which they sit in the set. Heights of others' sets say nothing.
   */
  #watchNewcomer({ height }: NewHeight): void {
    if (this.#electorate === undefined) this.#meetNewcomer(height);
    else if (this.#state === "new") this.#countMissed(this.#electorate, height - 1);
  }

  /** At the first height since the start. */
  #meetNewcomer(height: number): void {
    if (this.#wal === "missing" && this.#state === "over") {
      if (height === 1) this.#mark("new");
      else this.#forget("the chain has blocks and there is no WAL");
    } else if (this.#state === "new" && height > 1) {
      // How many heights it had missed when it ended, nobody has written down.
      this.#forget("it was started again before its first commit");
    }
  }

  #countMissed({ self }: Electorate, passed: number): void {
    const { last } = this.#signatory;
    const tookPart = last?.height === passed && last.step === signingStep.commit;
    if (tookPart) this.#mark("over");
    else if (self >= 0) this.#missedHeights++;
    if (!tookPart && this.#missedHeights >= NEWCOMER_HEIGHTS)
      this.#forget("the chain goes on without its first commit");
  }

  /**
   * A newcomer signs nothing at a height that others have behind them: nobody waits for it there, and a wiped
   * validator may have signed something else.
   */
  #holdNewcomer(): void {
    const electorate = this.#electorate;
    if (this.#amnesia !== undefined || electorate === undefined) return;
    const isHeld = this.#state === "new" && this.#heads.arePast(electorate);
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    if (isHeld) this.#signatory.suspend("SIGNING_SUSPENDED");
    else this.#signatory.resume();
    if (!isHeld) this.#machine?.onResumed();
  }

  #mark(state: AmnesiaState): void {
    this.#state = state;
    if (this.context.signer === undefined) return;
    this.#emit({ type: "record", records: [{ kind: "amnesia", state }] });
  }

  #onNewHeight(event: NewHeight): void {
    if (event.height <= (this.#electorate?.height ?? 0)) return;
    const isFirst = this.#electorate === undefined;
    this.#watchNewcomer(event);
    const electorate = this.createElectorate(event);
    this.#past.close(event, this.#machine?.proposal);
    this.#electorate = electorate;
    this.#certificates = 0;
    this.#pacemaker.stop();
    this.#machine = undefined;
    if (this.#amnesia?.isOver(electorate)) this.#endAmnesia("the chain has passed what was signed");
    if (!isFirst) this.#checkpoint();
    const emit = (action: Action): void => this.#emit(action);
    const ballot = this.createBallot(electorate, emit);
    this.#past.open(electorate, ballot);
    const parts: HeightParts = {
      context: this.context,
      event,
      electorate,
      ballot,
      voice: new Voice(this.context, electorate, this.#signatory, emit, this.#voteLane),
      pacemaker: this.#pacemaker,
      emit,
    };
    this.#machine = this.createMachine(parts, this.#connected);
    this.#holdNewcomer();
    this.#machine.start(recall(this.#memory, event.height));
    const early = this.#early.take();
    for (const { publisher, message } of early) this.#deliver(publisher, message);
  }

  /** Everything a new WAL segment must know: nothing below the new height matters but the guard. */
  #checkpoint(): void {
    if (this.context.signer === undefined) return;
    const height = this.#electorate?.height ?? 0;
    this.#memory = this.#memory.filter(
      (record) => record.kind !== "amnesia" && record.kind !== "renewed" && record.height >= height,
    );
    const records: WalRecord[] = [{ kind: "amnesia", state: this.#state }];
    const { last } = this.#signatory;
    if (last !== undefined) records.push({ kind: "signed", ...last, message: new Uint8Array() });
    this.#emit({ type: "checkpoint", records: [...records, ...this.#memory] });
  }

  #onMessage(publisher: string, bytes: Uint8Array): void {
    let message: ConsensusMessage | undefined;
    try {
      message = decodeMessage(bytes);
    } catch (thrown) {
      const fault = asFault(thrown);
      this.#reject(fault.code, publisher, fault.message);
      return;
    }
    if (message !== undefined) this.#deliver(publisher, message);
  }

  #deliver(publisher: string, message: ConsensusMessage): void {
    const electorate = this.#electorate;
    if (electorate === undefined) return;
    const { height } = message.body;
    if (height !== electorate.height) {
      // What a relay says of other heights is no news of a validator's.
      const isOfValidator = electorate.indexOf(publisher) >= 0;
      if (isOfValidator || message.type !== messageType.certificate)
        this.#emit({ type: "peerHeight", publisher, height });
      if (height === electorate.height + 1) this.#early.add(electorate, publisher, message);
      this.#past.hear(publisher, message);
      return;
    }
    const machine = this.#machine;
    if (machine === undefined) return;
    if (machine.isDecided) this.#past.hear(publisher, message);
    else if (message.type === messageType.certificate) {
      this.#onCertificate(machine, electorate, publisher, message.body);
    } else if (electorate.publisherOf(message.body.from) !== publisher) {
      // The broker lets a client publish only under its own id, so this holds without a signature.
      this.#reject("VOTE_SENDER", publisher, `speaks as validator ${message.body.from}`);
    } else if (message.body.from === electorate.self) {
      this.#onOwnMessage(electorate, message);
    } else if (message.type === voteType.proposal) {
      machine.onProposal(message.body);
    } else if (message.type === voteType.roundChange) {
      machine.onRoundChange(message.body);
    } else {
      machine.onVote(message.type, message.body);
    }
  }

  #onCertificate(
    machine: HeightMachine,
    electorate: Electorate,
    publisher: string,
    certificate: Certificate,
  ): void {
    if (++this.#certificates > MAX_CERTIFICATES) {
      this.#reject("CERTIFICATE_LIMIT", publisher, `more than ${MAX_CERTIFICATES} at one height`);
      return;
    }
    const own = voteIn(certificate, electorate.self);
    if (own !== undefined) this.#onOwnMessage(electorate, own);
    machine.onCertificate(certificate);
  }

  /** The broker echoes this node's messages; one that this node never signed means a second copy of it. */
  #onOwnMessage(electorate: Electorate, message: ConsensusMessage): void {
    if (this.#amnesia !== undefined || this.#signatory.suspended !== undefined) return;
    const { hash } = this.context.suite;
    if (isSignedElsewhere(hash, electorate, this.#signatory.last, message)) {
      this.#suspend("KEY_IN_USE_ELSEWHERE", "a message with this key that this node never signed");
    }
  }

  #endAmnesia(detail: string): void {
    if (this.#amnesia === undefined) return;
    this.#amnesia = undefined;
    this.#signatory.resume();
    this.#mark("over");
    this.#emit({ type: "alarm", code: "SIGNING_SUSPENDED", detail: `ended: ${detail}` });
    this.#machine?.onResumed();
  }

  #suspend(code: FaultCode, detail: string): void {
    this.#signatory.suspend(code);
    this.#emit({ type: "alarm", code, detail });
  }

  #reject(code: FaultCode, publisher: string, detail: string): void {
    this.#emit({ type: "reject", code, publisher, detail });
  }

  #emit(action: Action): void {
    this.#actions.push(action);
  }
}

/** The vote of one validator in a certificate. */
function voteIn(
  { type, height, blockHash, seal }: Certificate,
  from: number,
): ConsensusMessage | undefined {
  const entry = seal.signatures.find(({ signer }) => signer === from);
  if (entry === undefined) return undefined;
  const { signature } = entry;
  return { type, body: { height, round: seal.round, from, blockHash, signature } };
}
