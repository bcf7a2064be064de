import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { decodeHeader } from "@gridledger/protocol/ledger/header";
import type { WorkParameters } from "@gridledger/protocol/ledger/work";
import { verifyMined, verifyWork } from "@gridledger/protocol/ledger/work-finality";
import { decodeMinedBlock } from "@gridledger/protocol/messages/mined-block";
import type { Action, EngineContext, ParentBlock } from "../ports.ts";
import type { Gossip } from "./gossip.ts";
import { Strangers } from "./strangers.ts";
import { type WaitingBlock, WaitingBlocks } from "./waiting-blocks.ts";
import { hashKey, type SignedBlock, type WorkTree } from "./work-tree.ts";

/** Executed blocks above the last final one; more is a flood of branches. */
const MAX_BLOCKS = 256;
const MAX_REFUSED = 256;

interface IntakeDeps {
  readonly context: EngineContext;
  readonly parameters: WorkParameters;
  readonly tree: WorkTree;
  readonly gossip: Pick<Gossip, "ask">;
  readonly emit: (action: Action) => void;
  /** Everything about the block holds, and its parent is in the tree. */
  readonly onBlock: (signed: SignedBlock) => void;
}

/** Blocks from the others, until each is in the tree or refused (guide §4.2.1 b). */
export class Intake {
  readonly #deps: IntakeDeps;
  readonly #waiting = new WaitingBlocks();
  readonly #strangers = new Strangers();
  /** Blocks that broke a rule: what follows them is not looked at. */
  readonly #refused = new Set<string>();

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** Blocks whose parent or bodies are not here. */
  get size(): number {
    return this.#waiting.size;
  }

  /** @throws Fault CBOR_*, BLOCK_INVALID, WORK_*: before anything is kept the work is checked */
  receive(publisher: string, bytes: Uint8Array): void {
    const { context, parameters, tree, emit } = this.#deps;
    const { encodedHeader, signature, txHashes } = decodeMinedBlock(bytes);
    const header = decodeHeader(encodedHeader);
    const blockHash = context.suite.hash(encodedHeader);
    const key = hashKey(blockHash);
    if (header.height <= tree.rootHeight || tree.has(key) || this.#refused.has(key)) return;
    verifyWork(parameters, { header, blockHash });
    const finalHeight = header.height - parameters.finalityDepth;
    if (finalHeight > tree.rootHeight) {
      emit({ type: "peerHeight", publisher, height: finalHeight + 1 });
    }
    const block = { header, encodedHeader, blockHash, txHashes };
    this.#settle(this.#waiting.add({ block, signature }, publisher));
  }

  /** Bodies came in. */
  onBodies(): void {
    for (const waiting of this.#waiting.all) {
      if (waiting.missing !== undefined) this.#settle(waiting);
    }
  }

  /** Some time has passed, or the chain has moved: everything is tried, and asked for, again. */
  again(): void {
    for (const waiting of this.#waiting.all) {
      waiting.isAsked = false;
      this.#settle(waiting);
    }
  }

  /** The block of this height is final. */
  onFinal(height: number): void {
    this.#waiting.dropUpTo(height);
    this.again();
  }

  /** Takes the block in when its parent and its bodies are here. */
  #settle(waiting: WaitingBlock): void {
    const { key, parent } = waiting;
    const { tree } = this.#deps;
    if (this.#waiting.get(key) === undefined) return;
    if (this.#isStrange(waiting)) this.#onStranger(waiting);
    else if (this.#refused.has(parent)) this.#refuse(waiting, new Fault("BLOCK_INVALID", "parent"));
    else if (tree.has(parent)) this.#check(waiting);
    else this.#askParent(waiting);
  }

  #settleChildren(key: string): void {
    for (const child of this.#waiting.childrenOf(key)) this.#settle(child);
  }

  #isStrange({ block, parent }: WaitingBlock): boolean {
    const { rootHeight, rootKey } = this.#deps.tree;
    if (this.#strangers.has(parent)) return true;
    return block.header.height === rootHeight + 1 && parent !== rootKey;
  }

  #check(waiting: WaitingBlock): void {
    const { context, tree, emit, onBlock } = this.#deps;
    const { block, publisher, key } = waiting;
    const forged = this.#signatureFault(waiting, context.branches.find(block.header.parentHash));
    const check =
      forged === undefined
        ? context.branches.check(block, true)
        : ({ ok: false, fault: forged } as const);
    if (check.ok) {
      this.#waiting.delete(key);
      if (tree.size >= MAX_BLOCKS) return;
      onBlock(waiting);
      this.#settleChildren(key);
    } else if ("fault" in check) {
      this.#refuse(waiting, check.fault);
    } else {
      waiting.missing = check.missing;
      if (!waiting.isAsked) emit({ type: "fetch", publisher, txHashes: check.missing });
      waiting.isAsked = true;
    }
  }

  #signatureFault(
    { block, signature }: SignedBlock,
    parent: ParentBlock | undefined,
  ): Fault | undefined {
    if (parent === undefined) return new Fault("BLOCK_INVALID", "an unknown parent");
    const { validators } = parent;
    if (!equalBytes(block.header.validatorsHash, validators.hash)) {
      return new Fault("BLOCK_INVALID", "another validator set");
    }
    try {
      verifyMined(this.#deps.context.chain, validators, block, signature);
      return undefined;
    } catch (thrown) {
      return asFault(thrown);
    }
  }

  #refuse(waiting: WaitingBlock, { code, message }: Fault): void {
    const { key, publisher } = waiting;
    this.#waiting.delete(key);
    this.#deps.emit({ type: "reject", code, publisher, detail: message });
    // A block from the future is looked at again when something follows it.
    if (code === "WORK_TIME") return;
    this.#refused.add(key);
    for (const oldest of this.#refused) {
      if (this.#refused.size <= MAX_REFUSED) break;
      this.#refused.delete(oldest);
    }
    this.#settleChildren(key);
  }

  /** A branch that leaves below what is final: the final block stays, whatever its work. */
  #onStranger(waiting: WaitingBlock): void {
    const { context, tree, emit } = this.#deps;
    const root = context.branches.find(Buffer.from(tree.rootKey, "latin1"));
    const forged = this.#signatureFault(waiting, root);
    if (forged !== undefined) {
      this.#refuse(waiting, forged);
      return;
    }
    const { key, publisher, block } = waiting;
    this.#waiting.delete(key);
    const code = "REORG_TOO_DEEP";
    const detail = `block ${block.header.height} leaves the chain below ${tree.rootHeight}`;
    emit({ type: "reject", code, publisher, detail });
    if (this.#strangers.add(waiting, tree.rootWork, tree.bestWork)) {
      emit({ type: "alarm", code, detail: `${detail}, and has more work` });
    }
    this.#settleChildren(key);
  }

  #askParent(waiting: WaitingBlock): void {
    if (waiting.isAsked || this.#waiting.get(waiting.parent) !== undefined) return;
    waiting.isAsked = true;
    this.#deps.gossip.ask(waiting);
  }
}
