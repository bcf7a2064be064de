import { asFault, type Fault } from "@gridledger/protocol/faults";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { encodeArchive } from "@gridledger/protocol/messages/archive";
import { blockPages, PAGE_BYTES } from "@gridledger/protocol/messages/block-pages";
import { decodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { filters, parseTopic, topics } from "@gridledger/protocol/topics";
import type { Knex } from "knex";
import type { Bus } from "../../bus.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { ChainHead } from "../chain-head.ts";
import { readStoredBlocks } from "./stored-blocks.ts";

/** Confirmations come at most this often while blocks come. */
const ACTIVE_MS = 5_000;
/** And at least this often, for nodes that have just come. */
const IDLE_MS = 60_000;
const MAX_AT_ONCE = 2;
const MAX_WAITING = 32;

interface ArchiveDeps {
  readonly chain: Chain;
  readonly keys: KeyRing;
  readonly store: { readonly read: Knex };
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** The last block that is durably here, with all before it. */
  readonly head: () => ChainHead;
}

interface ArchiveOptions {
  /** The hub's identity id. */
  readonly self: string;
}

/**
 * The hub as the channel's archive: says with its signature up to where it holds every block, so that
 * nodes may prune, and gives blocks to whoever asks, by the same messages as a node.
 */
export class ArchiveService {
  readonly #deps: ArchiveDeps;
  readonly #options: ArchiveOptions;
  readonly #waiting = new Map<string, Uint8Array>();
  readonly #serving = new Set<string>();
  #confirmed = -1;
  #isStopped = false;
  #cancelSoon: (() => void) | undefined;
  #cancelIdle: () => void = () => {};

  constructor(deps: ArchiveDeps, options: ArchiveOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    const { bus, chain } = this.#deps;
    const filter = filters.sync(chain.genesis.channel, this.#options.self);
    bus.subscribe(filter, (topic, payload) => {
      if (peekMessageType(payload) !== messageType.getBlocks) return;
      this.#onRequest(parseTopic(topic).publisher, Uint8Array.from(payload));
    });
    this.#confirm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting.clear();
    this.#cancelSoon?.();
    this.#cancelIdle();
  }

  /** More blocks are durable. */
  onBlocks(): void {
    this.#cancelSoon ??= this.#deps.clock.after(ACTIVE_MS, () => {
      this.#cancelSoon = undefined;
      if (this.#deps.head().height !== this.#confirmed) this.#confirm();
    });
  }

  #confirm(): void {
    const { bus, chain, clock, head, keys } = this.#deps;
    const { height, hash } = head();
    this.#confirmed = height;
    const archive = { height, blockHash: hash, timeMs: clock.now() };
    const topic = topics.status(chain.genesis.channel, this.#options.self);
    const { suite, signer } = keys.at(height + 1);
    bus.publish(topic, encodeArchive(suite, signer("statements"), chain.chainId, archive));
    this.#cancelIdle();
    this.#cancelIdle = clock.after(IDLE_MS, () => this.#confirm());
  }

  /** One answer at a time to each; who finds no place asks again. */
  #onRequest(peer: string, request: Uint8Array): void {
    if (this.#isStopped || this.#serving.has(peer) || this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.set(peer, request);
    this.#serveNext();
  }

  #serveNext(): void {
    if (this.#serving.size >= MAX_AT_ONCE) return;
    const next = this.#waiting.entries().next();
    if (next.done) return;
    const [peer, request] = next.value;
    this.#waiting.delete(peer);
    this.#serving.add(peer);
    this.#answer(peer, request)
      .catch((thrown: unknown) => this.#refuse(peer, asFault(thrown)))
      .finally(() => {
        this.#serving.delete(peer);
        this.#serveNext();
      });
  }

  async #answer(peer: string, request: Uint8Array): Promise<void> {
    const { bus, chain, head, store } = this.#deps;
    const { fromHeight, maxBlocks } = decodeGetBlocks(request);
    const blocks = await readStoredBlocks(store.read, fromHeight, maxBlocks, PAGE_BYTES);
    if (this.#isStopped) return;
    const topic = topics.sync(chain.genesis.channel, peer, this.#options.self);
    for (const message of blockPages(head().height, blocks)) bus.publish(topic, message);
  }

  #refuse(peer: string, { code, message }: Fault): void {
    this.#deps.log.warn({ peer, code, detail: message }, "archive: a request was not answered");
  }
}
