import type { BlockSummary, StreamEvents } from "@gridledger/protocol/api/contract";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Clock } from "../clock.ts";
import type { ChainIndex } from "../index/chain-index.ts";
import type { Log } from "../log.ts";
import { blockSummary } from "./block-view.ts";
import type { ChainStatus } from "./chain-status.ts";

/** Status and nodes are told at most this often. */
const MIN_INTERVAL_MS = 1_000;
/** And at least this often: silence of a node is news that nobody sends. */
const MAX_INTERVAL_MS = 5_000;
/** A hub that catches up shows the newest blocks only. */
const MAX_BLOCKS_AT_ONCE = 100;

type EventName = keyof StreamEvents;

/** One event, its JSON written once for all who listen. */
export interface FeedEvent {
  readonly name: EventName;
  /** Height, for blocks: where a listener that comes back goes on. */
  readonly height?: number;
  readonly data: string;
}

interface FeedDeps {
  readonly chain: Chain;
  readonly index: Pick<ChainIndex, "listen" | "blocks" | "head" | "sets">;
  readonly status: ChainStatus;
  readonly clock: Clock;
  readonly log: Log;
}

/** What happens, as events for the console (guide §4.6.7, §10.2). */
export class Feed {
  readonly #deps: FeedDeps;
  readonly #listeners = new Set<(event: FeedEvent) => void>();
  #cancelSoon: (() => void) | undefined;
  #cancelTick: () => void = () => {};

  constructor(deps: FeedDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#deps.index.listen({
      onBlocks: (blocks) => {
        const facts = blocks.slice(-MAX_BLOCKS_AT_ONCE);
        for (const { block, readings, bytes } of facts) {
          this.#tell(this.#blockEvent({ ...block, readings, bytes }));
        }
        this.#deps.status.observe();
        this.#soon();
      },
      onNodes: () => {
        this.#deps.status.observe();
        this.#soon();
      },
    });
    this.#tick();
  }

  stop(): void {
    this.#cancelTick();
    this.#cancelSoon?.();
    this.#listeners.clear();
  }

  /** Events from now on; the answer ends it. */
  subscribe(listener: (event: FeedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something that nobody should have to look for. */
  alarm({ name, kind, foundMs }: StreamEvents["alarm"]): void {
    this.#tell({ name: "alarm", data: JSON.stringify({ name, kind, foundMs }) });
  }

  /** Status and nodes as they are now. */
  async snapshot(): Promise<FeedEvent[]> {
    const { status } = this.#deps;
    return [
      { name: "status", data: JSON.stringify(await status.status()) },
      { name: "nodes", data: JSON.stringify({ items: status.nodes() }) },
    ];
  }

  /** The blocks after `height`, oldest first; the newest `limit` where there are more. */
  async missed(height: number, limit: number): Promise<FeedEvent[]> {
    const { blocks, head } = this.#deps.index;
    const after = Math.max(height, head.height - limit);
    const found = await blocks.after(after, limit);
    return found.map((block) => this.#blockEvent(block));
  }

  #blockEvent(block: Parameters<typeof blockSummary>[0]): FeedEvent {
    const summary: BlockSummary = blockSummary(
      block,
      this.#deps.index.sets.at(block.header.height).validators,
    );
    return { name: "block", height: summary.height, data: JSON.stringify(summary) };
  }

  #soon(): void {
    this.#cancelSoon ??= this.#deps.clock.after(MIN_INTERVAL_MS, () => {
      this.#cancelSoon = undefined;
      this.#tick();
    });
  }

  #tick(): void {
    this.#cancelTick();
    this.#cancelTick = this.#deps.clock.after(MAX_INTERVAL_MS, () => this.#tick());
    // Also for those who ask later: how long something has waited is seen only by looking.
    this.#deps.status.observe();
    if (this.#listeners.size === 0) return;
    this.snapshot().then(
      (events) => {
        for (const event of events) this.#tell(event);
      },
      (thrown: unknown) => this.#deps.log.warn({ err: thrown }, "no status for the feed"),
    );
  }

  #tell(event: FeedEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
