import { asFault, Fault } from "@gridledger/protocol/faults";
import { type Blocks, decodeBlocks } from "@gridledger/protocol/messages/blocks";
import { encodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import type { SealedBlock } from "../chain/ledger.ts";
import { BlockAssembly } from "./block-assembly.ts";

const MAX_BLOCKS = 64;
const TIMEOUT_MS = 5_000;
/** Consensus itself usually brings the next block; sync waits this long for it. */
const GRACE_MS = 1_000;
const FIRST_REST_MS = 5_000;
const MAX_REST_MS = 300_000;

interface BlockFetcherDeps {
  readonly headHeight: () => number;
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  /** Decodes a block and does the slow checks. */
  readonly open: (encoded: Uint8Array) => Promise<SealedBlock>;
  /** Checks everything and makes the block ours; false when it is already. */
  readonly import: (sealed: SealedBlock) => boolean;
  /** Resolves when what was imported is on disk. */
  readonly stored: () => Promise<void>;
  /** Monotonic time in ms. */
  readonly clock: () => number;
  readonly onFault: (peer: string, fault: Fault) => void;
}

interface BlockFetcherOptions {
  /** Bytes of the largest block that the channel allows. */
  readonly maxBlockBytes: number;
}

interface Peer {
  /** Height it says it has; costs no more than a request when it lies. */
  height: number;
  failures: number;
  restsUntilMs: number;
}

interface Request {
  readonly peer: string;
  readonly assembly: BlockAssembly;
  timer: NodeJS.Timeout;
}

/**
 * Catches up with the chain: asks one peer at a time for pages of blocks, and another one when an
 * answer does not come or does not hold. What peers say is never believed: `import` checks each block.
 */
export class BlockFetcher {
  readonly #deps: BlockFetcherDeps;
  readonly #options: BlockFetcherOptions;
  readonly #peers = new Map<string, Peer>();
  #request: Request | undefined;
  #isImporting = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;
  #aheadSinceMs: number | undefined;

  constructor(deps: BlockFetcherDeps, options: BlockFetcherOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** A peer says that it has blocks up to this height. */
  hint(peer: string, height: number): void {
    const known = this.#peers.get(peer);
    if (known === undefined) this.#peers.set(peer, { height, failures: 0, restsUntilMs: 0 });
    else known.height = height;
    this.#pump();
  }

  /** Consensus has moved the head. */
  onHead(): void {
    this.#aheadSinceMs = undefined;
  }

  onAnswer(peer: string, bytes: Uint8Array): void {
    const request = this.#request;
    if (request?.peer !== peer) return;
    try {
      const answer = decodeBlocks(bytes);
      this.#peers.get(peer)!.height = answer.headHeight;
      this.#onBlocks(request, answer);
    } catch (thrown) {
      this.#fail(peer, asFault(thrown));
    }
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#request?.timer);
    this.#request = undefined;
  }

  #onBlocks(request: Request, answer: Blocks): void {
    const blocks = request.assembly.add(answer);
    clearTimeout(request.timer);
    if (blocks === undefined) {
      request.timer = this.#timeout(request.peer);
      return;
    }
    this.#request = undefined;
    if (blocks.length === 0) this.#fail(request.peer, new Fault("NOT_FOUND", "it has no block"));
    else void this.#importAll(request.peer, blocks);
  }

  async #importAll(peer: string, blocks: readonly Uint8Array[]): Promise<void> {
    this.#isImporting = true;
    try {
      for (const encoded of blocks) {
        const sealed = await this.#deps.open(encoded);
        if (this.#isStopped) return;
        this.#deps.import(sealed);
      }
      await this.#deps.stored();
      this.#peers.get(peer)!.failures = 0;
    } catch (thrown) {
      this.#rest(peer, asFault(thrown));
    } finally {
      this.#isImporting = false;
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#isStopped || this.#request !== undefined || this.#isImporting) return;
    clearTimeout(this.#timer);
    const { headHeight, clock } = this.#deps;
    const height = headHeight();
    const ahead = [...this.#peers].filter(([, peer]) => peer.height > height);
    if (ahead.length === 0) {
      this.#aheadSinceMs = undefined;
      return;
    }
    this.#aheadSinceMs ??= clock();
    const waitMs = this.#waitMs(ahead.map(([, peer]) => peer));
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#pump(), waitMs);
      return;
    }
    const [name] = ahead.find(([, peer]) => peer.restsUntilMs <= clock())!;
    this.#ask(name, height + 1);
  }

  /** How long to wait before anybody can be asked. */
  #waitMs(ahead: readonly Peer[]): number {
    const nowMs = this.#deps.clock();
    const isFar = ahead.some(({ height }) => height > this.#deps.headHeight() + 1);
    const graceMs = isFar ? 0 : (this.#aheadSinceMs ?? nowMs) + GRACE_MS - nowMs;
    const restMs = Math.min(...ahead.map(({ restsUntilMs }) => restsUntilMs)) - nowMs;
    return Math.max(graceMs, restMs, 0);
  }

  #ask(name: string, fromHeight: number): void {
    // The one that is asked goes to the end of the line.
    const peer = this.#peers.get(name)!;
    this.#peers.delete(name);
    this.#peers.set(name, peer);
    // Who is catching up does not wait again before each page.
    this.#aheadSinceMs = Number.NEGATIVE_INFINITY;
    const assembly = new BlockAssembly(this.#options.maxBlockBytes);
    this.#request = { peer: name, assembly, timer: this.#timeout(name) };
    this.#deps.send(name, encodeGetBlocks({ fromHeight, maxBlocks: MAX_BLOCKS }));
  }

  #timeout(peer: string): NodeJS.Timeout {
    return setTimeout(() => this.#fail(peer, new Fault("NOT_READY", "no answer")), TIMEOUT_MS);
  }

  #fail(peer: string, fault: Fault): void {
    clearTimeout(this.#request?.timer);
    this.#request = undefined;
    this.#rest(peer, fault);
    this.#pump();
  }

  #rest(name: string, fault: Fault): void {
    const peer = this.#peers.get(name)!;
    const restMs = Math.min(MAX_REST_MS, FIRST_REST_MS * 2 ** peer.failures);
    peer.failures++;
    peer.restsUntilMs = this.#deps.clock() + restMs;
    this.#deps.onFault(name, fault);
  }
}
