import { asFault, Fault } from "@gridledger/protocol/faults";
import { decodeBlock } from "@gridledger/protocol/ledger/block";
import type { Handover } from "@gridledger/protocol/ledger/handover";
import { stateParts } from "@gridledger/protocol/merkle/state-parts";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { decodeGetSnapshot } from "@gridledger/protocol/messages/get-snapshot";
import { encodeSnapshot, MAX_SNAPSHOT_DEPTH } from "@gridledger/protocol/messages/snapshot";
import { MAX_MESSAGE_BYTES } from "@gridledger/protocol/messages/transactions";
import type { Head } from "../chain/head.ts";

/** A part has about this many bytes. */
const PART_BYTES = 65_536;
/** Nobody asked for so long: the old tree is let go. */
const IDLE_MS = 60_000;
/** An outline is given this long; then a newer one, of which most parts are often the same. */
const MAX_AGE_MS = 600_000;
const MAX_WAITING = 16;

interface SnapshotServerDeps {
  readonly head: () => Head;
  readonly store: {
    /** The block at a height as stored, also where it was pruned down to its header. */
    sealedAt(height: number): Promise<Uint8Array | undefined>;
    handoversTo(height: number): Promise<Handover[]>;
  };
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  /** Monotonic time in ms. */
  readonly clock: () => number;
  readonly onFault: (peer: string, fault: Fault) => void;
}

interface Pin {
  readonly height: number;
  readonly tree: StateTree;
  readonly depth: number;
  readonly outline: Uint8Array;
  readonly madeMs: number;
}

/**
 * Gives the state of one height in parts. The tree is immutable, so holding on to an old one is enough
 * while somebody fetches it: consensus goes on with newer ones that share most of it.
 */
export class SnapshotServer {
  readonly #deps: SnapshotServerDeps;
  #pin: Promise<Pin | undefined> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(deps: SnapshotServerDeps) {
    this.#deps = deps;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#pin = undefined;
  }

  /** One answer after the other: who finds no place asks again. */
  onRequest(peer: string, bytes: Uint8Array): Promise<void> {
    if (this.#waiting >= MAX_WAITING) return Promise.resolve();
    this.#waiting++;
    this.#tail = this.#tail.then(async () => {
      this.#waiting--;
      try {
        const answer = await this.#answer(bytes);
        if (answer !== undefined) this.#deps.send(peer, answer);
      } catch (thrown) {
        this.#deps.onFault(peer, asFault(thrown));
      }
    });
    return this.#tail;
  }

  async #answer(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const { height, depth, index } = decodeGetSnapshot(bytes);
    const pin = await this.#pinned(height === 0);
    if (pin === undefined) return undefined;
    // It is gone: a newer one, in which the asker finds again what it has.
    if (height !== pin.height || depth !== pin.depth) return pin.outline;
    const entries = [...pin.tree.below(depth, index).entries()];
    const part = encodeSnapshot({ form: "part", height, index, entries });
    if (part.length <= MAX_MESSAGE_BYTES) return part;
    throw new Fault("CBOR_LIMIT", `part ${index} of the snapshot has ${part.length} bytes`);
  }

  #pinned(wantsOutline: boolean): Promise<Pin | undefined> {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#pin = undefined;
    }, IDLE_MS).unref();
    const before = this.#pin;
    const next = (async () => {
      const pin = await before;
      const isOld = pin === undefined || this.#deps.clock() - pin.madeMs > MAX_AGE_MS;
      return isOld && (wantsOutline || pin === undefined) ? this.#make() : pin;
    })();
    this.#pin = next;
    return next;
  }

  async #make(): Promise<Pin | undefined> {
    const { head, store, clock } = this.#deps;
    const { height, tree } = head();
    if (height === 0) return undefined;
    const block = await store.sealedAt(height);
    if (block === undefined) return undefined;
    const { encodedHeader, seal } = decodeBlock(block);
    let bytes = 0;
    for (const [key, value] of tree.entries()) bytes += key.length + value.length;
    const depth = Math.min(MAX_SNAPSHOT_DEPTH, Math.ceil(Math.log2(1 + bytes / PART_BYTES)));
    const outline = encodeSnapshot({
      ...{ form: "outline", encodedHeader, seal, depth },
      handovers: await store.handoversTo(height),
      parts: stateParts(tree, depth),
    });
    if (outline.length > MAX_MESSAGE_BYTES) {
      throw new Fault("CBOR_LIMIT", `the outline of the snapshot has ${outline.length} bytes`);
    }
    return { height, tree, depth, outline, madeMs: clock() };
  }
}
