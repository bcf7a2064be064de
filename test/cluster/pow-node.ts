import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { NONCE_BYTES } from "@gridledger/protocol/ledger/work";
import type { ConsensusLane } from "@gridledger/protocol/topics";
import { assembleChain, type ChainParts } from "../../edge-node/src/chain/chain-parts.ts";
import type { SealedBlock } from "../../edge-node/src/chain/ledger.ts";
import type { Action, EngineEvent, WalRecord } from "../../edge-node/src/consensus/ports.ts";
import { PowEngine } from "../../edge-node/src/consensus/pow/pow.ts";
import { workRules } from "../../edge-node/src/consensus/pow/work-rules.ts";
import { restoreFromLog } from "../../edge-node/src/engine/restore.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { unloaded } from "../edge-node/support.ts";
import type { EventHeap } from "./event-heap.ts";
import { fakeSigner } from "./fake-suite.ts";
import { publisherOf } from "./pow-chain.ts";

/** What travels between nodes. */
export type PowPacket =
  | { readonly type: "consensus"; readonly lane: ConsensusLane; readonly bytes: Uint8Array }
  | { readonly type: "transactions"; readonly bodies: readonly Uint8Array[] }
  | { readonly type: "getBodies"; readonly txHashes: readonly Uint8Array[] }
  | { readonly type: "status"; readonly height: number }
  | { readonly type: "getBlock"; readonly height: number }
  | { readonly type: "block"; readonly sealed: SealedBlock };

export interface PowNetwork {
  readonly chain: Chain;
  readonly heap: EventHeap;
  /** Hashes a second of each node. */
  readonly hashRate: number;
  send(from: PowNode, to: number | "all", packet: PowPacket): void;
  observe(node: PowNode, what: EngineEvent | Action): void;
}

const STATUS_MS = 2_000;

/** A miner's machine under the virtual clock: the production chain, mempool and engine. */
export class PowNode {
  readonly index: number;
  readonly network: PowNetwork;
  /** Survives a crash. */
  readonly finals: SealedBlock[] = [];
  log: WalRecord[] = [];
  logBefore: WalRecord[] = [];
  bodies = new Map<string, Uint8Array>();
  parts!: ChainParts;
  engine!: PowEngine;
  isUp = false;
  /** How wrong its clock is. */
  skewMs = 0;
  /** Times the network's hash rate. */
  power = 1;
  hashes = 0;
  #life = 0;
  #timers = new Set<number>();
  #job = 0;

  constructor(network: PowNetwork, index: number) {
    this.network = network;
    this.index = index;
  }

  get height(): number {
    return this.parts.ledger.head.height;
  }

  start(): void {
    const { chain, heap } = this.network;
    this.#life++;
    this.#timers.clear();
    this.isUp = true;
    const fail = (fault: Error): never => {
      throw fault;
    };
    this.parts = assembleChain(
      {
        chain,
        rulesAfter: () => workRules(chain),
        store: { append: () => Promise.resolve() },
        now: () => Math.floor(chain.genesis.createdMs + heap.nowMs + this.skewMs),
        clock: () => heap.nowMs,
        onStoreFault: fail,
        onDropped: () => {},
      },
      unloaded(chain),
      fakeSigner(this.index).publicKey,
    );
    const { ledger, bodies } = this.parts;
    for (const sealed of this.finals) ledger.import(sealed, "sync");
    const records = [...this.logBefore, ...this.log];
    ledger.onImported(({ sealed }) => this.finals.push(sealed));
    restoreFromLog({ chain, ledger, bodies }, { records, bodies: [...this.bodies.values()] });
    ledger.onImported(() => this.#newHeight());
    const { proposals: blocks, branches } = this.parts;
    const { suite, chainId } = chain;
    const parameters = chain.genesis.engineParameters;
    const signer = fakeSigner(this.index);
    this.engine = new PowEngine({ chain, suite, chainId, signer, blocks, branches, parameters });
    this.#post({ type: "restored", wal: "intact", records });
    this.#newHeight();
    this.#post({ type: "connected" });
    this.#status();
  }

  crash(): void {
    this.isUp = false;
    this.#life++;
  }

  offer(encoded: Uint8Array): void {
    const transaction = new PreparedTransaction(this.network.chain, encoded);
    const { pool, bodies } = this.parts;
    if (bodies.offer(transaction)) this.#post({ type: "bodiesArrived" });
    const wasWaiting = pool.hasWork;
    if (pool.add(transaction) === undefined && !wasWaiting) this.#post({ type: "work" });
  }

  receive(from: number, packet: PowPacket): void {
    if (!this.isUp) return;
    const { ledger, find } = this.parts;
    switch (packet.type) {
      case "consensus":
        this.#post({ type: "message", publisher: publisherOf(from), bytes: packet.bytes });
        break;
      case "transactions":
        for (const body of packet.bodies) this.offer(body);
        break;
      case "getBodies": {
        const found = packet.txHashes.flatMap(
          (hash) => find(Buffer.from(hash).toString("latin1"))?.encoded ?? [],
        );
        if (found.length > 0) this.#send(from, { type: "transactions", bodies: found });
        break;
      }
      case "status":
        if (packet.height > this.height) {
          this.#send(from, { type: "getBlock", height: this.height + 1 });
        }
        break;
      case "getBlock": {
        const sealed = this.finals[packet.height - 1];
        if (sealed !== undefined) this.#send(from, { type: "block", sealed });
        break;
      }
      case "block":
        if (packet.sealed.block.header.height !== this.height + 1) break;
        try {
          ledger.import(packet.sealed, "sync");
          this.#send(from, { type: "getBlock", height: this.height + 1 });
        } catch {
          // Another branch's; a real node asks somebody else.
        }
        break;
    }
  }

  #newHeight(): void {
    const { head } = this.parts.ledger;
    this.#post({
      type: "newHeight",
      height: head.height + 1,
      parentHash: head.hash,
      validators: head.validators.validators,
      validatorsHash: head.validators.hash,
      waitMs: 0,
      baseTimeoutMs: 2_000,
    });
    if (this.parts.pool.hasWork) this.#post({ type: "work" });
  }

  #post(event: EngineEvent): void {
    if (!this.isUp) return;
    this.network.observe(this, event);
    for (const action of this.engine.handle(event)) this.#carryOut(action);
  }

  #carryOut(action: Action): void {
    this.network.observe(this, action);
    switch (action.type) {
      case "record":
        this.#keepBodies(action.records);
        this.log.push(...action.records);
        break;
      case "checkpoint":
        this.#keepBodies(action.records);
        this.logBefore = this.log;
        this.log = [...action.records];
        break;
      case "broadcast":
        this.#send("all", { type: "consensus", lane: action.lane, bytes: action.bytes });
        break;
      case "fetch": {
        this.parts.bodies.want(action.txHashes);
        this.#send(publisherIndex(action.publisher), {
          type: "getBodies",
          txHashes: action.txHashes,
        });
        break;
      }
      case "startTimer":
        this.#timers.add(action.id);
        this.#later(action.delayMs, () => {
          if (this.#timers.delete(action.id)) this.#post({ type: "timer", id: action.id });
        });
        break;
      case "stopTimer":
        this.#timers.delete(action.id);
        break;
      case "mine":
        this.#mine(action);
        break;
      case "stopMining":
        this.#job = 0;
        break;
      case "decide": {
        const { block, seal } = action;
        const transactions = this.parts.transactionsOf(block.blockHash, block.txHashes);
        // As the host does: the block is stored in a later turn.
        this.#later(0, () => {
          if (transactions === undefined) throw new Error("decided without bodies");
          this.parts.ledger.import({ block, seal, transactions }, "consensus");
        });
        break;
      }
      default:
    }
  }

  /** Really tries the nonces, and says so when the tries have taken their time. */
  #mine({ id, encodedHeader, target }: Extract<Action, { type: "mine" }>): void {
    this.#job = id;
    const bytes = Buffer.from(encodedHeader);
    const nonce = bytes.subarray(bytes.length - NONCE_BYTES);
    let hashes = 0;
    do nonce.writeBigUInt64BE(BigInt(hashes++));
    while (Buffer.compare(this.network.chain.suite.hash(bytes), target) > 0);
    this.#later((hashes / (this.network.hashRate * this.power)) * 1_000, () => {
      if (this.#job !== id) return;
      this.hashes += hashes;
      this.#post({ type: "mined", id, nonce: Uint8Array.from(nonce), hashes });
    });
  }

  #keepBodies(records: readonly WalRecord[]): void {
    for (const record of records) {
      if (record.kind !== "block") continue;
      const { blockHash, txHashes } = record.block;
      for (const { key, encoded } of this.parts.transactionsOf(blockHash, txHashes) ?? []) {
        this.bodies.set(key, encoded);
      }
    }
  }

  #status(): void {
    this.#send("all", { type: "status", height: this.height });
    this.#later(STATUS_MS, () => this.#status());
  }

  #send(to: number | "all", packet: PowPacket): void {
    this.network.send(this, to, packet);
  }

  #later(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.network.heap.after(delayMs, () => {
      if (life === this.#life && this.isUp) run();
    });
  }
}

const indexes = new Map(Array.from({ length: 64 }, (_, i) => [publisherOf(i), i]));

function publisherIndex(publisher: string): number {
  const index = indexes.get(publisher);
  if (index === undefined)
    throw new Error(`nobody publishes as ${formatHex(Buffer.from(publisher))}`);
  return index;
}
