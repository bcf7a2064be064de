import type { NodeSummary, Status } from "@gridledger/protocol/api/contract";
import { formatHex } from "@gridledger/protocol/hex";
import { finalityRule } from "@gridledger/protocol/ledger/finality";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { faultTolerance, quorum } from "@gridledger/protocol/ledger/validators";
import type { Clock } from "../clock.ts";
import type { ChainIndex } from "../index/chain-index.ts";
import { nodeSummary } from "./node-view.ts";

/** Blocks within this time make the chain live. */
const LIVE_MS = 15_000;
/** Transactions that wait this long without a block make it stalled, on a slow chain longer. */
const MIN_STALL_MS = 10_000;
const STALL_INTERVALS = 5;
/** Behind by no more than what may just be on its way to the disk. */
const SYNCED_BLOCKS = 5;
const COUNT_METERS_MS = 2_000;

type IndexView = Pick<
  ChainIndex,
  | "head"
  | "blocksBehind"
  | "lastBlockMs"
  | "rates"
  | "nodes"
  | "telemetry"
  | "meters"
  | "areWaiting"
  | "noteWaiting"
>;

interface StatusDeps {
  readonly chain: Chain;
  readonly index: IndexView;
  readonly clock: Clock;
  /** Transactions in the hub's outbox. */
  readonly spooled: () => number;
}

interface StatusOptions {
  readonly version: string;
}

/** How the chain is doing, in one answer. */
export class ChainStatus {
  readonly #deps: StatusDeps;
  readonly #options: StatusOptions;
  #meters = 0;
  #metersCountedMs = Number.NEGATIVE_INFINITY;
  /** Since when something waits and no block came. */
  #waitingSinceMs: number | null = null;
  #waitingAtHeight = 0;

  constructor(deps: StatusDeps, options: StatusOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** True while the index follows the head closely. */
  get isSynced(): boolean {
    return this.#deps.index.blocksBehind <= SYNCED_BLOCKS;
  }

  /** True while transactions wait and no block comes. */
  get isStalled(): boolean {
    this.observe();
    const since = this.#waitingSinceMs;
    return since !== null && this.#deps.clock.now() - since > this.#stallMs;
  }

  /** Looks whether something waits; to be called whenever that may have changed. */
  observe(): void {
    const { clock, index, spooled } = this.#deps;
    const { height } = index.head;
    if (spooled() === 0 && !index.areWaiting) {
      this.#waitingSinceMs = null;
      return;
    }
    index.noteWaiting();
    if (this.#waitingSinceMs !== null && height === this.#waitingAtHeight) return;
    this.#waitingSinceMs = clock.now();
    this.#waitingAtHeight = height;
  }

  nodes(): NodeSummary[] {
    const { index } = this.#deps;
    return index
      .nodes()
      .map((node) =>
        nodeSummary(node, index.telemetry.of(node.id), index.telemetry.diskDaysLeft(node.id)),
      );
  }

  async status(): Promise<Status> {
    const { chain, clock, index } = this.#deps;
    const { channel, suite, engine } = chain.genesis;
    const { head } = index;
    this.observe();
    const nodes = index.nodes();
    const nowMs = clock.now();
    await this.#countMeters(nowMs);
    return {
      ...{ channel, suite, engine, version: this.#options.version },
      finalityDepth: finalityRule(chain).depth,
      chainId: formatHex(chain.chainId),
      height: head.height,
      headHash: formatHex(head.hash),
      headTimeMs: head.timeMs,
      state: this.#state(nowMs),
      transactions: head.transactions,
      readings: head.readings,
      meters: this.#meters,
      validators: {
        total: nodes.length,
        online: nodes.filter((node) => node.online).length,
        quorum: quorum(nodes.length),
        faultTolerance: faultTolerance(nodes.length),
      },
      rates: index.rates(),
      nowMs,
    };
  }

  async #countMeters(nowMs: number): Promise<void> {
    if (nowMs - this.#metersCountedMs < COUNT_METERS_MS) return;
    this.#metersCountedMs = nowMs;
    this.#meters = await this.#deps.index.meters.count();
  }

  #state(nowMs: number): Status["state"] {
    const { lastBlockMs } = this.#deps.index;
    if (!this.isSynced) return "syncing";
    if (this.isStalled) return "stalled";
    return lastBlockMs !== null && nowMs - lastBlockMs < LIVE_MS ? "live" : "idle";
  }

  get #stallMs(): number {
    const { chain, index } = this.#deps;
    const { minBlockIntervalMs, maxBatchDelayMs } = chain.genesis.policy;
    // By its policy a chain may take this long for a block even when it had none lately.
    const policyMs = minBlockIntervalMs + maxBatchDelayMs + finalityRule(chain).usualMs;
    const intervalMs = Math.max(index.rates().blockIntervalMs ?? 0, policyMs);
    return Math.max(MIN_STALL_MS, STALL_INTERVALS * intervalMs);
  }
}
