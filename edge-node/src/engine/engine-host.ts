import type { Hash } from "@gridledger/protocol/crypto/suite";
import { asFault, type Fault, type FaultCode } from "@gridledger/protocol/faults";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { encodeDecide } from "@gridledger/protocol/messages/decide";
import type { ConsensusLane } from "@gridledger/protocol/topics";
import type { BlockSource, SealedBlock } from "../chain/ledger.ts";
import type { Engine } from "../consensus/engine.ts";
import type { Action, EngineEvent, WalRecord } from "../consensus/ports.ts";
import type { PreparedTransaction } from "../state/prepared-transaction.ts";
import { EngineTimers } from "./engine-timers.ts";
import { type Mined, Miner } from "./miner.ts";
import { monotonicMs } from "./monotonic-clock.ts";

interface Log {
  debug(data: object, message: string): void;
  error(data: object, message: string): void;
}

type BodiesOf = (txHashes: readonly Uint8Array[]) => readonly Uint8Array[];

/** The engine's log on disk; it keeps the bodies of blocks beside their records. */
export interface EngineWal {
  append(records: readonly WalRecord[], bodiesOf: BodiesOf): Promise<void>;
  checkpoint(records: readonly WalRecord[], bodiesOf: BodiesOf): Promise<void>;
}

type WriteAction = Extract<Action, { type: "record" | "checkpoint" }>;

interface EngineHostDeps {
  readonly engine: Engine;
  readonly wal: EngineWal;
  /** The channel's, for mining. */
  readonly hash: Hash;
  readonly ledger: {
    readonly stored: Promise<void>;
    readonly syncStored: Promise<void>;
    import(sealed: SealedBlock, source: BlockSource): boolean;
  };
  /** The transactions of a block that was checked, or undefined where one is missing. */
  readonly transactionsOf: (
    blockHash: Uint8Array,
    txHashes: readonly Uint8Array[],
  ) => readonly PreparedTransaction[] | undefined;
  readonly broadcast: (lane: ConsensusLane, bytes: Uint8Array) => void;
  readonly fetch: (publisher: string, txHashes: readonly Uint8Array[]) => void;
  /** Somebody works at another height than this engine. */
  readonly onPeerHeight: (publisher: string, height: number) => void;
  /** A block is final and its bodies are not here. */
  readonly onUnknownDecided: (height: number, seal: Seal) => void;
  /** The engine has stopped signing, for another reason than before, or signs again. */
  readonly onSuspended: () => void;
  /** A validator contradicted itself: a complete EVIDENCE message. */
  readonly onEvidence: (evidence: Uint8Array) => void;
  /** The engine must not run any further. */
  readonly onFatal: (fault: Fault) => void;
  readonly log: Log;
}

/**
 * Runs a consensus engine: gives it events and carries out its actions one after the other, so that
 * nothing leaves before the record that stands in front of it is on disk.
 */
export class EngineHost {
  readonly #deps: EngineHostDeps;
  readonly #timers = new EngineTimers((id) => this.post({ type: "timer", id }));
  readonly #miner: Miner;
  readonly #rejections = new Map<FaultCode, number>();
  /** Bodies of blocks that are to be written, by the block's own list of hashes. */
  readonly #bodies = new WeakMap<readonly Uint8Array[], readonly Uint8Array[]>();
  #actions: Action[] = [];
  #isDraining = false;
  #isStopped = false;
  #round = 0;
  #suspended: FaultCode | undefined;

  constructor(deps: EngineHostDeps) {
    this.#deps = deps;
    const onMined = (mined: Mined) => this.post({ type: "mined", ...mined });
    this.#miner = new Miner({ hash: deps.hash, clock: monotonicMs, onMined });
  }

  /** The highest round in which this node signed at the current height. */
  get round(): number {
    return this.#round;
  }

  /** Why the engine signs nothing; undefined while it does. */
  get suspended(): FaultCode | undefined {
    return this.#suspended;
  }

  /** The index of the validator whose proposal is awaited; undefined under an engine without turns. */
  get proposer(): number | undefined {
    return this.#deps.engine.view?.proposer;
  }

  get rejections(): ReadonlyMap<FaultCode, number> {
    return this.#rejections;
  }

  post(event: EngineEvent): void {
    if (this.#isStopped) return;
    if (event.type === "newHeight") this.#round = 0;
    try {
      for (const action of this.#deps.engine.handle(event)) {
        // Now, while the block is a candidate: when its turn comes the head may have moved.
        if (action.type === "record" || action.type === "checkpoint") this.#holdBodies(action);
        this.#actions.push(action);
      }
    } catch (thrown) {
      this.#fail(thrown);
      return;
    }
    this.#noteSuspended();
    if (!this.#isDraining) void this.#drain();
  }

  /** Nothing is carried out any more; a record that is being written ends first. */
  stop(): void {
    this.#isStopped = true;
    this.#actions = [];
    this.#timers.clear();
    this.#miner.stop();
  }

  #noteSuspended(): void {
    const suspended = this.#deps.engine.view?.suspended;
    if (suspended === this.#suspended) return;
    this.#suspended = suspended;
    this.#deps.onSuspended();
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    try {
      for (let action = this.#actions.shift(); action; action = this.#actions.shift()) {
        if (action.type === "record" || action.type === "checkpoint") await this.#write(action);
        else this.#carryOut(action);
      }
    } catch (thrown) {
      this.#fail(thrown);
    }
    this.#isDraining = false;
  }

  #holdBodies({ records }: WriteAction): void {
    for (const record of records) {
      if (record.kind !== "block" || this.#bodies.has(record.block.txHashes)) continue;
      const { blockHash, txHashes } = record.block;
      const transactions = this.#deps.transactionsOf(blockHash, txHashes);
      if (transactions === undefined) continue;
      this.#bodies.set(
        txHashes,
        transactions.map(({ encoded }) => encoded),
      );
    }
  }

  async #write(action: WriteAction): Promise<void> {
    const { wal, ledger } = this.#deps;
    // A block without its bodies is of no use after a restart: it is fetched again then.
    const records = action.records.filter(
      (record) => record.kind !== "block" || this.#bodies.has(record.block.txHashes),
    );
    const bodiesOf: BodiesOf = (txHashes) => this.#bodies.get(txHashes) ?? [];
    if (action.type === "checkpoint") {
      // The segment that goes may hold the only copy of a decided block.
      await ledger.stored;
      await wal.checkpoint(records, bodiesOf);
      return;
    }
    // A signature above a block that sync brought must not outlive that block in a power cut.
    await ledger.syncStored;
    await wal.append(records, bodiesOf);
    for (const record of records) if (record.kind === "signed") this.#round = record.round;
  }

  #carryOut(action: Exclude<Action, WriteAction>): void {
    const { broadcast, fetch, onPeerHeight } = this.#deps;
    switch (action.type) {
      case "broadcast":
        broadcast(action.lane, action.bytes);
        break;
      case "fetch":
        fetch(action.publisher, action.txHashes);
        break;
      case "startTimer":
        this.#timers.start(action.id, action.delayMs);
        break;
      case "stopTimer":
        this.#timers.stop(action.id);
        break;
      case "mine":
        this.#miner.mine(action);
        break;
      case "stopMining":
        this.#miner.stop();
        break;
      case "decide":
        this.#decide(action);
        break;
      case "peerHeight":
        onPeerHeight(action.publisher, action.height);
        break;
      default:
        this.#report(action);
    }
  }

  #report(action: Extract<Action, { type: "reject" | "evidence" | "alarm" }>): void {
    const { log } = this.#deps;
    if (action.type === "reject") {
      this.#rejections.set(action.code, (this.#rejections.get(action.code) ?? 0) + 1);
      log.debug({ ...action }, "consensus: message refused");
    } else if (action.type === "evidence") {
      const evidence = Buffer.from(action.bytes).toString("base64");
      log.error({ validator: action.validator, evidence }, "consensus: a validator signed twice");
      this.#deps.onEvidence(action.bytes);
    } else {
      log.error({ ...action }, "consensus: alarm");
    }
  }

  #decide({ block, seal, publish }: Extract<Action, { type: "decide" }>): void {
    const { ledger, transactionsOf, broadcast, onUnknownDecided } = this.#deps;
    const transactions = transactionsOf(block.blockHash, block.txHashes);
    if (transactions === undefined) {
      // It is final all the same, and sync brings it from those who voted for it.
      onUnknownDecided(block.header.height, seal);
      return;
    }
    ledger.import({ block, seal, transactions }, "consensus");
    if (!publish) return;
    const { encodedHeader, txHashes } = block;
    broadcast("k", encodeDecide({ encodedHeader, seal, txHashes }));
  }

  #fail(thrown: unknown): void {
    this.stop();
    this.#deps.onFatal(asFault(thrown));
  }
}
