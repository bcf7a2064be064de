import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Validator } from "@gridledger/protocol/ledger/validators";
import { type Status, verifyStatus } from "@gridledger/protocol/messages/status";
import { filters, parseTopic } from "@gridledger/protocol/topics";
import type { Bus } from "../../bus.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import { ActivityRun } from "./activity-run.ts";

/** A status of another time than this is a replay, or a clock that needs an operator. */
const MAX_CLOCK_SKEW_MS = 300_000;
/** Heartbeats come every 5 s while blocks come or transactions wait, every 60 s while the chain is idle (guide §10.1). */
const ACTIVE_HEARTBEAT_MS = 5_000;
const IDLE_HEARTBEAT_MS = 60_000;
/** Missed in a row until a node counts as offline. */
const MISSED_HEARTBEATS = 3;
const BEHIND_BLOCKS = 2;

/** What one validator last said, judged now. */
export interface NodeState {
  readonly id: string;
  readonly name: string;
  readonly state: "in-sync" | "behind" | "offline" | "never-seen";
  readonly online: boolean;
  readonly lagBlocks: number | null;
  readonly lastSeenMs: number | null;
  readonly status: Status | undefined;
}

interface WatchDeps {
  readonly chain: Chain;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the next height. */
  readonly validators: () => readonly Validator[];
  /** The hub's own head. */
  readonly headHeight: () => number;
  /** A validator says its head is here. */
  readonly onHeight: (height: number) => void;
  /** A validator at the head says that no transaction waits. */
  readonly onEmptyPool: () => void;
  readonly onChange: () => void;
}

interface Watched {
  readonly id: string;
  readonly name: string;
  readonly publicKey: Uint8Array;
  status: Status | undefined;
  lastSeenMs: number | null;
  lagBlocks: number | null;
}

/** Who of the validators is there, from their signed heartbeats alone. */
export class NodeWatch {
  readonly #deps: WatchDeps;
  #set: readonly Validator[] | undefined;
  #watched: readonly Watched[] = [];
  readonly #activity = new ActivityRun();

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { bus, chain } = this.#deps;
    bus.subscribe(filters.statuses(chain.genesis.channel), (topic, payload) =>
      this.#receive(topic, payload),
    );
  }

  /** A new block came, or transactions wait: heartbeats are due at the active rate. */
  noteActive(): void {
    this.#activity.note(this.#deps.clock.now());
  }

  /** A validator's last heartbeat says that transactions wait, and no block has come since. */
  get areWaiting(): boolean {
    const height = this.#deps.headHeight();
    return this.#nodes.some(({ status }) => isAtHead(status, height) && status.poolSize > 0);
  }

  /** In the order of the validator set. */
  states(): NodeState[] {
    const now = this.#deps.clock.now();
    return this.#nodes.map((node) => this.#judge(node, now));
  }

  /** Follows the set; who stays keeps what it last said. */
  get #nodes(): readonly Watched[] {
    const { chain, validators } = this.#deps;
    const set = validators();
    if (set === this.#set) return this.#watched;
    this.#set = set;
    const before = new Map(this.#watched.map((node) => [node.id, node]));
    this.#watched = set.map(({ name, publicKey }) => {
      const id = formatHex(identityId(chain.suite.hash, publicKey));
      const fresh = { id, name, publicKey, status: undefined, lastSeenMs: null, lagBlocks: null };
      return before.get(id) ?? fresh;
    });
    return this.#watched;
  }

  #judge(node: Watched, now: number): NodeState {
    const { id, name, status, lastSeenMs, lagBlocks } = node;
    if (status === undefined || lastSeenMs === null) {
      const nothing = { lagBlocks: null, lastSeenMs: null, status: undefined };
      return { id, name, state: "never-seen", online: false, ...nothing };
    }
    const online = !this.#isSilent(lastSeenMs, now);
    const follows = (lagBlocks ?? 0) > BEHIND_BLOCKS ? "behind" : "in-sync";
    const state = online ? follows : "offline";
    return { id, name, state, online, lagBlocks, lastSeenMs, status };
  }

  #isSilent(lastSeenMs: number, now: number): boolean {
    if (now - lastSeenMs > MISSED_HEARTBEATS * IDLE_HEARTBEAT_MS) return true;
    const activeSinceMs = this.#activity.sinceMs(now);
    if (activeSinceMs === null) return false;
    const dueSinceMs = Math.max(lastSeenMs, activeSinceMs);
    return now - dueSinceMs > MISSED_HEARTBEATS * ACTIVE_HEARTBEAT_MS;
  }

  #receive(topic: string, payload: Uint8Array): void {
    const node = this.#nodes.find(({ id }) => topic.endsWith(id));
    if (node === undefined) return;
    const { chain, clock, headHeight, log, onChange, onEmptyPool, onHeight } = this.#deps;
    try {
      parseTopic(topic);
      const status = verifyStatus(chain.suite, node.publicKey, chain.chainId, payload);
      if (!isNews(node.status, status, clock.now())) return;
      node.status = status;
      node.lastSeenMs = clock.now();
      // At this moment: between two heartbeats a fast chain makes dozens of blocks.
      node.lagBlocks = Math.max(0, headHeight() - status.height);
      onHeight(status.height);
      if (status.poolSize === 0 && isAtHead(status, headHeight())) onEmptyPool();
      onChange();
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      log.debug({ node: node.name, code: thrown.code }, "ignored a bad status");
    }
  }
}

/** What a validator said before the last block, that block may have taken. */
function isAtHead(status: Status | undefined, height: number): status is Status {
  return status !== undefined && status.height >= height;
}

/** A recording of an earlier heartbeat must not make a dead node look alive. */
function isNews(before: Status | undefined, status: Status, now: number): boolean {
  if (Math.abs(now - status.timeMs) > MAX_CLOCK_SKEW_MS) return false;
  if (before === undefined || status.timeMs > before.timeMs) return true;
  // A restarted node whose clock was set back.
  return !equalBytes(before.bootId, status.bootId);
}
