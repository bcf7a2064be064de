import { asFault, type Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import {
  decodeWorkParameters,
  isResting,
  type WorkParameters,
} from "@gridledger/protocol/ledger/work";
import { minedPreimage } from "@gridledger/protocol/ledger/work-finality";
import { decodeGetMinedBlocks } from "@gridledger/protocol/messages/get-mined-blocks";
import { messageType } from "@gridledger/protocol/messages/numbers";
import type { Engine, EngineFactory } from "../engine.ts";
import type { Action, EngineContext, EngineEvent, ParentBlock } from "../ports.ts";
import { Gossip } from "./gossip.ts";
import { Intake } from "./intake.ts";
import { Mining } from "./mining.ts";
import { recallBlocks, recordOf } from "./work-records.ts";
import { workOf, workRules } from "./work-rules.ts";
import { hashKey, type SignedBlock, WorkTree } from "./work-tree.ts";

const MIN_TICK_MS = 250;
/** The tip is said again after so many ticks: a broker may have lost it. */
const ANNOUNCE_TICKS = 8;

/** Proof of work among the channel's validators, final by depth (guide §4.2.1; docs/pow.md). */
export const pow: EngineFactory = {
  name: "pow",
  rules: workRules,
  create: (context) => new PowEngine(context),
};

type NewHeight = Extract<EngineEvent, { type: "newHeight" }>;

/**
 * Takes blocks in, follows the branch with the most work, looks for the next block on its tip, and
 * decides what lies deep enough under it.
 */
export class PowEngine implements Engine {
  readonly #context: EngineContext;
  readonly #parameters: WorkParameters;
  readonly #tree = new WorkTree();
  readonly #gossip: Gossip;
  readonly #intake: Intake;
  readonly #mining: Mining;
  #memory: readonly SignedBlock[] = [];
  #actions: Action[] = [];
  /** A final block is on its way to the chain. */
  #deciding = false;
  #connected = false;
  #timer: number | undefined;
  #lastTimer = 0;
  #ticks = 0;

  constructor(context: EngineContext) {
    this.#context = context;
    const parameters = decodeWorkParameters(context.parameters);
    this.#parameters = parameters;
    const tree = this.#tree;
    const emit = (action: Action): void => this.#emit(action);
    const gossip = new Gossip(context, tree, emit);
    this.#gossip = gossip;
    const onBlock = (signed: SignedBlock): void => this.#attach(signed);
    this.#intake = new Intake({ context, parameters, tree, gossip, emit, onBlock });
    this.#mining = new Mining(context, parameters, emit);
  }

  /** For tests and logs. */
  get view(): { readonly tip: Uint8Array | undefined; readonly suspended: undefined } {
    return { tip: this.#tree.best?.block.blockHash, suspended: undefined };
  }

  handle(event: EngineEvent): readonly Action[] {
    this.#actions = [];
    this.#dispatch(event);
    return this.#actions;
  }

  #dispatch(event: EngineEvent): void {
    switch (event.type) {
      case "restored":
        this.#memory = recallBlocks(event.records);
        break;
      case "newHeight":
        this.#onNewHeight(event);
        break;
      case "message":
        this.#onMessage(event.publisher, event.bytes);
        break;
      case "mined":
        this.#onMined(event);
        break;
      case "work":
        this.#mining.want();
        if (!this.#mining.isRunning || this.#mining.isEmpty) this.#mine();
        break;
      case "timer":
        if (event.id === this.#timer) this.#onTick();
        break;
      case "bodiesArrived":
        this.#intake.onBodies();
        break;
      case "connected":
      case "disconnected":
        this.#onConnection(event.type === "connected");
        break;
      case "ownKeyElsewhere":
        this.#emit({
          type: "alarm",
          code: "KEY_IN_USE_ELSEWHERE",
          detail: "a STATUS with this key and another boot id",
        });
        break;
      case "peerStatus":
      case "released":
        break;
    }
  }

  #onNewHeight({ height, parentHash, validators }: NewHeight): void {
    const isFirst = this.#tree.rootKey === "";
    if (!isFirst && height - 1 <= this.#tree.rootHeight) return;
    this.#tree.setRoot(hashKey(parentHash), height - 1);
    this.#gossip.setValidators(validators);
    this.#deciding = false;
    if (isFirst) this.#recall();
    else this.#emit({ type: "checkpoint", records: [...this.#tree.nodes].flatMap(recordOf) });
    this.#intake.onFinal(height - 1);
    this.#decide();
    this.#mine();
  }

  /** What was not final when this node stopped; the others may have lost it. */
  #recall(): void {
    for (const signed of this.#memory) {
      const { header } = signed.block;
      if (!this.#tree.has(hashKey(header.parentHash))) continue;
      if (this.#context.branches.check(signed.block, false).ok) this.#tree.attach(signed);
    }
    this.#memory = [];
  }

  #onMessage(publisher: string, bytes: Uint8Array): void {
    // `[version, type, …]`: a type above 23 takes two bytes.
    const type = bytes[2] === 0x18 ? bytes[3] : bytes[2];
    try {
      if (type === messageType.getMinedBlocks) this.#gossip.answer(decodeGetMinedBlocks(bytes));
      else if (type === messageType.minedBlock) this.#intake.receive(publisher, bytes);
    } catch (thrown) {
      this.#reject(asFault(thrown), publisher);
    }
    this.#startTick();
  }

  #onConnection(connected: boolean): void {
    this.#connected = connected;
    if (connected) this.#gossip.announce();
    this.#mine();
  }

  #attach({ block, signature }: SignedBlock): void {
    const node = this.#tree.attach({ block, signature });
    // On disk before it is built upon: after a loss of power everywhere the blocks are still there.
    this.#emit({ type: "record", records: recordOf(node) });
    if (this.#tree.best === node) {
      this.#decide();
      this.#mine();
    } else if (node.totalWork < this.#tree.bestWork) {
      // Whoever mines on a weaker branch has not seen this one.
      this.#gossip.announce();
    }
  }

  /** The lowest block that is not final is, when enough follow it on the tip's branch. */
  #decide(): void {
    const { best, rootHeight } = this.#tree;
    const depth = this.#parameters.finalityDepth;
    if (this.#deciding || best === undefined || best.height - rootHeight <= depth) return;
    const [lowest, ...above] = this.#tree.pathTo(best);
    if (lowest === undefined) return;
    this.#deciding = true;
    const { block, signature, height } = lowest;
    const confirmations = above.slice(0, depth).map((node) => ({
      encodedHeader: node.block.encodedHeader,
      signature: node.signature,
    }));
    const signatures = [{ signer: block.header.proposer, signature }];
    const seal = { round: 0, signatures, confirmations };
    const { blockHash } = block;
    this.#emit({ type: "record", records: [{ kind: "decided", height, blockHash, seal }] });
    this.#emit({ type: "decide", block, seal, publish: this.#isOwn(above[depth - 1]) });
  }

  /** The miner of the block that made another one final tells those who only follow. */
  #isOwn(signed: SignedBlock | undefined): boolean {
    const { signer, branches } = this.#context;
    if (signer === undefined || signed === undefined) return false;
    const { parentHash, proposer } = signed.block.header;
    const miner = branches.find(parentHash)?.validators.validators[proposer];
    return miner !== undefined && equalBytes(miner.publicKey, signer.publicKey);
  }

  #onMined(event: Extract<EngineEvent, { type: "mined" }>): void {
    const { signer, chain, branches } = this.#context;
    const block = this.#mining.take(event);
    if (block === undefined || signer === undefined) return;
    const check = branches.check(block, true);
    if (!check.ok) {
      // The clock went back, or the head has moved under it.
      if ("fault" in check) this.#reject(check.fault, "");
      this.#mine();
      return;
    }
    const signature = signer.sign(minedPreimage(chain, block.header, block.blockHash));
    this.#attach({ block, signature });
    this.#gossip.send({ block, signature });
  }

  #mine(): void {
    const tip = this.#tip;
    if (!this.#connected || this.#context.signer === undefined || tip === undefined) {
      this.#mining.stop();
      return;
    }
    this.#mining.restart(tip);
    this.#startTick();
  }

  get #tip(): ParentBlock | undefined {
    const { best, rootKey } = this.#tree;
    const hash = best?.block.blockHash ?? Buffer.from(rootKey, "latin1");
    return this.#context.branches.find(hash);
  }

  /** Time only passes for the engine while something is unfinished: idle is silent. */
  #startTick(): void {
    if (this.#timer !== undefined || !this.#isBusy) return;
    this.#timer = ++this.#lastTimer;
    const delayMs = Math.max(MIN_TICK_MS, this.#parameters.intervalMs / 2);
    this.#emit({ type: "startTimer", id: this.#timer, delayMs });
  }

  get #isBusy(): boolean {
    if (this.#mining.isRunning || this.#intake.size > 0) return true;
    const tip = this.#tip;
    return tip !== undefined && !isResting(this.#parameters, workOf(tip));
  }

  #onTick(): void {
    this.#timer = undefined;
    this.#ticks++;
    this.#gossip.onTick();
    if (this.#ticks % ANNOUNCE_TICKS === 0) this.#gossip.announce();
    this.#intake.again();
    // With what has come in meanwhile, and at the time that it is now.
    if (this.#mining.isRunning) this.#mine();
    this.#startTick();
  }

  #reject({ code, message }: Fault, publisher: string): void {
    this.#emit({ type: "reject", code, publisher, detail: message });
  }

  #emit(action: Action): void {
    this.#actions.push(action);
  }
}
