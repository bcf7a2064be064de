import { asFault, Fault, type FaultCode } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { type Blocks, decodeBlocks } from "@gridledger/protocol/messages/blocks";
import { encodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import { BlockRequest } from "./block-request.ts";
import { type CatchUp, PageImporter, type PageImporterDeps } from "./page-importer.ts";
import { type Page, type Range, RangeWindow } from "./range-window.ts";
import { SyncPeers } from "./sync-peers.ts";

/** Consensus itself usually brings the next block; sync waits this long for it. */
const GRACE_MS = 1_000;
/** What the chain waits for is asked of a second peer after this. */
const HEDGE_MS = 1_500;
/** Together less than what a broker holds for one subscriber, so that votes pass. */
const MAX_REQUESTS = 4;
const WINDOW_BYTES = 2_097_152;
/** An answer that is shorter than its question and took so long keeps others waiting. */
const SLOW_MS = 500;
const SHORT_BYTES = 16_384;
/** Pages whose signatures are verified before their turn. */
const PAGES_AHEAD = 3;

interface BlockFetcherDeps extends PageImporterDeps {
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  /** A peer is not asked for a while: it was silent, slow, or lied. */
  readonly onSetAside: (peer: string, fault: Fault, restMs: number) => void;
  /** Nobody has more than this node, which was behind. */
  readonly onCaughtUp: (run: CatchUp) => void;
}

interface BlockFetcherOptions {
  /** Bytes of the largest block that the channel allows. */
  readonly maxBlockBytes: number;
}

/**
 * Catches up with the chain: asks several peers for neighbouring ranges at once, holds no more than a
 * window of bytes, and imports in order. What peers say is never believed: `import` checks each block,
 * and who gave something wrong, nothing, or too little is set aside for another one.
 */
export class BlockFetcher {
  readonly #deps: BlockFetcherDeps;
  readonly #options: BlockFetcherOptions;
  readonly #peers: SyncPeers;
  readonly #importer: PageImporter;
  readonly #window = new RangeWindow({ maxBytes: WINDOW_BYTES });
  readonly #requests = new Map<string, BlockRequest>();
  /** What each peer answered last, to know a late copy of it. */
  readonly #answered = new Map<string, { readonly from: number; readonly prints: number[] }>();
  readonly #probed = new Set<string>();
  #isImporting = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;
  #aheadSinceMs: number | undefined;

  constructor(deps: BlockFetcherDeps, options: BlockFetcherOptions) {
    this.#deps = deps;
    this.#options = options;
    const { clock, onSetAside } = deps;
    this.#peers = new SyncPeers({ clock, onSetAside });
    this.#importer = new PageImporter(deps);
  }

  /** How often a peer was set aside, by code. */
  get faults(): ReadonlyMap<FaultCode, number> {
    return this.#peers.faults;
  }

  /** Bytes that are on the way or wait for their turn. */
  get windowBytes(): number {
    return this.#window.bytes;
  }

  /** A peer says that it has blocks up to this height; an archive is asked when nobody else has them. */
  hint(peer: string, height: number, isArchive = false): void {
    this.#peers.hint(peer, height, isArchive);
    this.#pump();
  }

  /** Asks these how high they are: between two heartbeats of an idle chain a newcomer would wait long. */
  probe(peers: Iterable<string>): void {
    const { send, headHeight } = this.#deps;
    const message = encodeGetBlocks({ fromHeight: headHeight() + 1, maxBlocks: 1 });
    for (const peer of peers) {
      if (this.#requests.has(peer)) continue;
      this.#probed.add(peer);
      send(peer, message);
    }
  }

  /** Consensus has moved the head. */
  onHead(): void {
    this.#aheadSinceMs = undefined;
  }

  onAnswer(peer: string, bytes: Uint8Array): void {
    const request = this.#requests.get(peer);
    if (request === undefined) {
      this.#onProbed(peer, bytes);
      return;
    }
    try {
      const answer = request.add(bytes);
      if (answer === undefined) this.#wait(request);
      else this.#onBlocks(request, answer);
    } catch (thrown) {
      this.#fail(request, asFault(thrown));
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#importer.stop();
    clearTimeout(this.#timer);
    for (const { timer } of this.#requests.values()) clearTimeout(timer);
    this.#requests.clear();
  }

  #onProbed(peer: string, bytes: Uint8Array): void {
    if (!this.#probed.delete(peer)) return;
    try {
      this.hint(peer, decodeBlocks(bytes).headHeight);
    } catch (thrown) {
      this.#peers.setAside(peer, asFault(thrown));
    }
  }

  #onBlocks(request: BlockRequest, answer: Blocks): void {
    const { peer, range } = request;
    const { headHeight, pruned, blocks } = answer;
    this.#peers.hint(peer, headHeight);
    if (pruned !== undefined) {
      this.#onPruned(request, answer);
    } else if (blocks.length === 0) {
      this.#fail(request, new Fault("NOT_FOUND", `it has no block ${range.fromHeight}`));
    } else {
      this.#finish(request);
      const bytes = blocks.reduce((sum, block) => sum + block.length, 0);
      const tookMs = this.#deps.clock() - request.startedMs;
      this.#peers.onAnswer(peer, bytes, tookMs);
      const page: Page = { peer, fromHeight: range.fromHeight, blocks, bytes };
      this.#window.put(range, page, this.#deps.headHeight());
      this.#judgeSpeed(page, range, tookMs);
      this.#pump();
    }
  }

  /** It does not have the block any more and says who has: no lie, and somebody else is asked. */
  #onPruned(request: BlockRequest, { pruned, headHeight }: Blocks): void {
    const { peer, range } = request;
    if (pruned === undefined || pruned.firstHeight <= range.fromHeight) {
      this.#fail(request, new Fault("NOT_FOUND", "it has pruned what it says it has"));
      return;
    }
    this.#finish(request);
    this.#window.giveBack(range, this.#deps.headHeight());
    this.#peers.onPruned(peer, pruned.firstHeight);
    if (pruned.archiveId !== undefined) {
      this.#peers.hint(formatHex(pruned.archiveId), headHeight, true);
    }
    this.#pump();
  }

  /** One that has more and gives a little at a time is left for another one. */
  #judgeSpeed({ peer, fromHeight, blocks, bytes }: Page, range: Range, tookMs: number): void {
    const last = fromHeight + blocks.length - 1;
    const isWhole = last >= Math.min(range.toHeight, this.#peers.heightOf(peer));
    if (isWhole || tookMs < SLOW_MS || bytes >= SHORT_BYTES) return;
    const other = this.#peers.choose(last + 1, (name) => name === peer);
    if (other === undefined) return;
    const detail = `${bytes} bytes in ${Math.round(tookMs)} ms`;
    this.#peers.setAside(peer, new Fault("SYNC_TRICKLE", detail));
  }

  async #import(): Promise<void> {
    if (this.#isImporting) return;
    this.#isImporting = true;
    let page = this.#window.takePage(this.#deps.headHeight());
    while (page !== undefined && !this.#isStopped) {
      await this.#importPage(page);
      this.#window.onHead(this.#deps.headHeight());
      this.#ask();
      page = this.#window.takePage(this.#deps.headHeight());
    }
    this.#isImporting = false;
  }

  async #importPage(page: Page): Promise<void> {
    const { peer, fromHeight, blocks } = page;
    const taken = this.#importer.take(page);
    this.#importer.ahead(this.#window.following(fromHeight + blocks.length - 1, PAGES_AHEAD));
    const fault = await taken;
    if (fault === undefined) {
      this.#peers.onGood(peer);
      return;
    }
    const head = this.#deps.headHeight();
    this.#window.again({ fromHeight, toHeight: fromHeight + blocks.length - 1 }, head);
    this.#window.forget(peer, head);
    this.#peers.setAside(peer, fault);
  }

  #pump(): void {
    if (this.#isStopped) return;
    this.#window.onHead(this.#deps.headHeight());
    this.#ask();
    void this.#import();
  }

  #ask(): void {
    const { clock, headHeight } = this.#deps;
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const head = headHeight();
    const { highest } = this.#peers;
    if (this.#peers.waitMs(head + 1) === undefined) {
      this.#aheadSinceMs = undefined;
      const run = this.#importer.end();
      if (run !== undefined) this.#deps.onCaughtUp(run);
      return;
    }
    this.#aheadSinceMs ??= clock();
    const graceMs = highest > head + 1 ? 0 : this.#aheadSinceMs + GRACE_MS - clock();
    if (graceMs <= 0) this.#askAll(highest, head);
    const restMs = this.#peers.waitMs(head + 1) ?? 0;
    const nextMs = Math.max(graceMs, restMs > 0 ? restMs : HEDGE_MS);
    this.#timer = setTimeout(() => this.#pump(), nextMs);
  }

  #askAll(highest: number, head: number): void {
    const isBusy = (name: string) => this.#requests.has(name);
    while (this.#requests.size < MAX_REQUESTS) {
      const range = this.#window.peek(highest, head);
      if (range === undefined) break;
      const peer = this.#peers.choose(range.fromHeight, isBusy);
      if (peer === undefined) break;
      this.#window.take(range);
      this.#send(peer, range);
    }
    this.#hedge(head, isBusy);
  }

  /** One slow peer must not hold up what others have brought. */
  #hedge(head: number, isBusy: (name: string) => boolean): void {
    const nowMs = this.#deps.clock();
    const held = [...this.#requests.values()].filter(
      ({ range }) => range.fromHeight <= head + 1 && range.toHeight > head,
    );
    const [only] = held;
    if (only === undefined || held.length > 1 || nowMs - only.startedMs < HEDGE_MS) return;
    const peer = this.#peers.choose(head + 1, isBusy);
    if (peer === undefined) return;
    this.#window.takeAgain();
    this.#send(peer, { fromHeight: head + 1, toHeight: only.range.toHeight });
  }

  #send(peer: string, range: Range): void {
    // Who is catching up does not wait again before each page.
    this.#aheadSinceMs = Number.NEGATIVE_INFINITY;
    this.#importer.begin();
    const last = this.#answered.get(peer);
    const seen = new Set(last?.from === range.fromHeight ? [] : last?.prints);
    const { maxBlockBytes } = this.#options;
    const startedMs = this.#deps.clock();
    const request = new BlockRequest({ peer, range, maxBlockBytes, startedMs, seen });
    this.#requests.set(peer, request);
    this.#wait(request);
    const { fromHeight, toHeight } = range;
    const message = encodeGetBlocks({ fromHeight, maxBlocks: toHeight - fromHeight + 1 });
    this.#deps.send(peer, message);
  }

  #wait(request: BlockRequest): void {
    clearTimeout(request.timer);
    const patienceMs = request.patienceMs(this.#deps.clock());
    request.timer = setTimeout(() => this.#fail(request, request.lateness), patienceMs);
  }

  #finish(request: BlockRequest): void {
    const { peer, range, fingerprints } = request;
    clearTimeout(request.timer);
    this.#requests.delete(peer);
    this.#answered.set(peer, { from: range.fromHeight, prints: fingerprints });
  }

  #fail(request: BlockRequest, fault: Fault): void {
    this.#finish(request);
    this.#window.giveBack(request.range, this.#deps.headHeight());
    this.#peers.setAside(request.peer, fault);
    this.#pump();
  }
}
