import { asFault, type Fault } from "@gridledger/protocol/faults";
import { blockPages, PAGE_BYTES } from "@gridledger/protocol/messages/block-pages";
import { encodeBlocks, type Pruned } from "@gridledger/protocol/messages/blocks";
import { decodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";

const MAX_AT_ONCE = 2;
/** Peers whose request waits for its turn. */
const MAX_WAITING = 16;
const RETRY_MS = 50;
const MAX_RETRIES = 40;

interface BlockServerDeps {
  readonly store: {
    read(fromHeight: number, maxBlocks: number, maxBytes: number): Promise<Uint8Array[]>;
  };
  readonly headHeight: () => number;
  /** What is not here any more; undefined where nothing was pruned. */
  readonly pruned: () => Pruned | undefined;
  /** False while the connection has too much to send. */
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  readonly sleep: (ms: number) => Promise<void>;
  readonly onFault: (peer: string, fault: Fault) => void;
}

/** Answers `getBlocks`: one answer at a time to each peer, no faster than the connection takes it. */
export class BlockServer {
  readonly #deps: BlockServerDeps;
  readonly #serving = new Set<string>();
  readonly #waiting = new Map<string, Uint8Array>();

  constructor(deps: BlockServerDeps) {
    this.#deps = deps;
  }

  /** Requests above the limits are dropped: who asks asks again, or somebody else. */
  async onRequest(peer: string, bytes: Uint8Array): Promise<void> {
    if (this.#serving.has(peer)) return;
    if (this.#serving.size >= MAX_AT_ONCE) {
      if (this.#waiting.size < MAX_WAITING) this.#waiting.set(peer, bytes);
      return;
    }
    this.#serving.add(peer);
    try {
      await this.#answer(peer, bytes);
    } catch (thrown) {
      this.#deps.onFault(peer, asFault(thrown));
    } finally {
      this.#serving.delete(peer);
    }
    const next = this.#waiting.entries().next();
    if (next.done) return;
    const [waiting, request] = next.value;
    this.#waiting.delete(waiting);
    void this.onRequest(waiting, request);
  }

  async #answer(peer: string, bytes: Uint8Array): Promise<void> {
    const { store, headHeight, pruned } = this.#deps;
    const { fromHeight, maxBlocks } = decodeGetBlocks(bytes);
    const gone = pruned();
    if (gone !== undefined && fromHeight < gone.firstHeight) {
      const answer = { headHeight: headHeight(), more: false, blocks: [], pruned: gone };
      await this.#send(peer, encodeBlocks(answer));
      return;
    }
    const blocks = await store.read(fromHeight, maxBlocks, PAGE_BYTES);
    for (const message of blockPages(headHeight(), blocks)) {
      if (!(await this.#send(peer, message))) return;
    }
  }

  async #send(peer: string, bytes: Uint8Array): Promise<boolean> {
    const { send, sleep } = this.#deps;
    for (let retry = 0; retry < MAX_RETRIES; retry++) {
      if (send(peer, bytes)) return true;
      await sleep(RETRY_MS);
    }
    return false;
  }
}
