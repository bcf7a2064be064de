import { asFault, type Fault } from "@gridledger/protocol/faults";
import { encodeBlocks } from "@gridledger/protocol/messages/blocks";
import { decodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";

/** Small enough that a vote on the same connection is not held up for long. */
const PAGE_BYTES = 131_072;
const MAX_AT_ONCE = 2;
const RETRY_MS = 50;
const MAX_RETRIES = 40;

interface BlockServerDeps {
  readonly store: {
    read(fromHeight: number, maxBlocks: number, maxBytes: number): Promise<Uint8Array[]>;
  };
  readonly headHeight: () => number;
  /** False while the connection has too much to send. */
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  readonly sleep: (ms: number) => Promise<void>;
  readonly onFault: (peer: string, fault: Fault) => void;
}

/** Answers `getBlocks`: one answer at a time to each peer, no faster than the connection takes it. */
export class BlockServer {
  readonly #deps: BlockServerDeps;
  readonly #serving = new Set<string>();

  constructor(deps: BlockServerDeps) {
    this.#deps = deps;
  }

  /** Requests above the limits are dropped: who asks asks again, or somebody else. */
  async onRequest(peer: string, bytes: Uint8Array): Promise<void> {
    if (this.#serving.has(peer) || this.#serving.size >= MAX_AT_ONCE) return;
    this.#serving.add(peer);
    try {
      const { fromHeight, maxBlocks } = decodeGetBlocks(bytes);
      await this.#answer(peer, await this.#deps.store.read(fromHeight, maxBlocks, PAGE_BYTES));
    } catch (thrown) {
      this.#deps.onFault(peer, asFault(thrown));
    } finally {
      this.#serving.delete(peer);
    }
  }

  async #answer(peer: string, blocks: readonly Uint8Array[]): Promise<void> {
    const headHeight = this.#deps.headHeight();
    const [first] = blocks;
    if (first === undefined || first.length <= PAGE_BYTES) {
      await this.#send(peer, encodeBlocks({ headHeight, more: false, blocks }));
      return;
    }
    // Each part is a byte shorter than the one before: a repeated part can be told from an equal one.
    let sliceBytes = PAGE_BYTES;
    for (let at = 0; at < first.length; at += sliceBytes + 1) {
      const slice = first.subarray(at, at + sliceBytes);
      const more = at + sliceBytes < first.length;
      const isSent = await this.#send(peer, encodeBlocks({ headHeight, more, blocks: [slice] }));
      if (!isSent) return;
      sliceBytes--;
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
