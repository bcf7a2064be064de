import { asFault } from "@gridledger/protocol/faults";
import { type Blocks, decodeBlocks } from "@gridledger/protocol/messages/blocks";
import { encodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { filters, parseTopic, topics } from "@gridledger/protocol/topics";
import type { Bus } from "../../bus.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";

/** Nothing heard from the asked validator for this long: the next one is asked. */
const ANSWER_TIMEOUT_MS = 3_000;
const MAX_BLOCKS_ASKED = 256;
/** The largest block (`protocol/ledger/block`); more in parts than this is nonsense. */
const MAX_PARTS_BYTES = 33_554_432;

interface SyncDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes encoded blocks of any content; false when the peer sent something wrong. */
  readonly onBlocks: (blocks: readonly Uint8Array[]) => boolean;
  /** Identity ids of the validators to ask, at least one. */
  readonly peers: () => readonly string[];
}

interface SyncOptions {
  readonly channel: string;
  /** The hub's identity id. */
  readonly self: string;
}

/**
 * Asks one validator at a time for blocks. A peer that is silent, wrong or has nothing is left for the
 * next one; the blocks prove themselves, so a liar costs time and nothing else.
 */
export class SyncClient {
  readonly #deps: SyncDeps;
  readonly #options: SyncOptions;
  #peerIndex = 0;
  #asked: string | undefined;
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  #cancelTimeout: () => void = () => {};

  constructor(deps: SyncDeps, options: SyncOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    const { channel, self } = this.#options;
    this.#deps.bus.subscribe(filters.sync(channel, self), (topic, payload) =>
      this.#receive(topic, payload),
    );
  }

  stop(): void {
    this.#finish();
  }

  get isBusy(): boolean {
    return this.#asked !== undefined;
  }

  /** Asks for final blocks from `fromHeight` on, unless a question is open. */
  ask(fromHeight: number): void {
    if (this.#asked !== undefined) return;
    const { channel, self } = this.#options;
    const peers = this.#deps.peers();
    const peer = peers[this.#peerIndex % peers.length]!;
    this.#asked = peer;
    this.#wait();
    const request = encodeGetBlocks({ fromHeight, maxBlocks: MAX_BLOCKS_ASKED });
    this.#deps.bus.publish(topics.sync(channel, peer, self), request);
  }

  #wait(): void {
    this.#cancelTimeout();
    this.#cancelTimeout = this.#deps.clock.after(ANSWER_TIMEOUT_MS, () => {
      this.#deps.log.debug(
        { peer: this.#asked },
        "no answer to getBlocks, asking the next validator",
      );
      this.#rotate();
    });
  }

  #rotate(): void {
    this.#peerIndex++;
    this.#finish();
    // An empty answer tells the follower that the question is closed.
    this.#deps.onBlocks([]);
  }

  #finish(): void {
    this.#cancelTimeout();
    this.#asked = undefined;
    this.#parts = [];
    this.#partsBytes = 0;
  }

  #receive(topic: string, payload: Uint8Array): void {
    if (this.#asked === undefined || parseTopic(topic).publisher !== this.#asked) return;
    // On the same topic nodes ask the archive, and answer questions about contracts.
    const type = peekMessageType(payload);
    if (type === messageType.getBlocks || type === messageType.contractAnswer) return;
    try {
      this.#take(decodeBlocks(payload));
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      this.#deps.log.warn({ peer: this.#asked, code, detail: message }, "bad answer to getBlocks");
      this.#rotate();
    }
  }

  #take({ blocks, more }: Blocks): void {
    const [slice] = blocks;
    if (!more && this.#parts.length === 0) {
      this.#deliver(blocks);
      return;
    }
    if (blocks.length !== 1 || slice === undefined) {
      this.#rotate();
      return;
    }
    this.#parts.push(slice);
    this.#partsBytes += slice.length;
    if (this.#partsBytes > MAX_PARTS_BYTES) this.#rotate();
    else if (more) this.#wait();
    else this.#deliver([Buffer.concat(this.#parts)]);
  }

  #deliver(blocks: readonly Uint8Array[]): void {
    this.#finish();
    // The next question goes to the next validator also after a good answer: the load is shared, and
    // a peer that withholds the newest blocks is soon left.
    this.#peerIndex++;
    if (!this.#deps.onBlocks(blocks)) {
      this.#deps.log.warn({ blocks: blocks.length }, "a validator sent blocks that do not fit");
    }
  }
}
