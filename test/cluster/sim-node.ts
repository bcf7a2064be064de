import { formatHex } from "@gridledger/protocol/hex";
import { verifySeal } from "@gridledger/protocol/ledger/seal";
import type { Validator } from "@gridledger/protocol/ledger/validators";
import type { ConsensusLane } from "@gridledger/protocol/topics";
import { PoaEngine } from "../../edge-node/src/consensus/poa/poa.ts";
import type {
  Action,
  ConsensusContext,
  EngineEvent,
  WalRecord,
} from "../../edge-node/src/consensus/ports.ts";
import type { EventHeap } from "./event-heap.ts";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";
import type { Prng } from "./prng.ts";
import { type FinalBlock, SimChain } from "./sim-chain.ts";
import { SimDisk } from "./sim-disk.ts";

export const chainId = new Uint8Array(32).fill(7);

/** What a node believes that lost its log and does not know it. */
const NOTHING = { wal: "intact", records: [] } as const;

/** What travels between nodes. Only consensus messages are bytes here; the rest has codecs of its own. */
export type Packet =
  | {
      readonly type: "consensus";
      readonly publisher: string;
      readonly lane: ConsensusLane;
      readonly bytes: Uint8Array;
    }
  | { readonly type: "transactions"; readonly bodies: readonly Uint8Array[] }
  | { readonly type: "getTransactions"; readonly txHashes: readonly Uint8Array[] }
  | { readonly type: "status"; readonly publisher: string; readonly height: number }
  | { readonly type: "getBlock"; readonly height: number }
  | { readonly type: "block"; readonly final: FinalBlock };

export interface NodeHost {
  readonly heap: EventHeap;
  readonly prng: Prng;
  readonly validators: readonly Validator[];
  readonly publishers: readonly string[];
  readonly validatorsHash: Uint8Array;
  readonly baseTimeoutMs: number;
  readonly minIntervalMs: number;
  /** Sends to one node, or to all others and now and then back to the sender. */
  send(from: SimNode, to: number | "all", packet: Packet): void;
  /** Every event and action, for invariants and the trace. */
  observe(node: SimNode, what: EventOrAction): void;
  /** Whether the power goes while a record is written, or right after it is durable. */
  crashAtRecord(node: SimNode): "no" | "during" | "after";
}

export type EventOrAction =
  | { readonly kind: "event"; readonly event: EngineEvent }
  | { readonly kind: "action"; readonly action: Action }
  | { readonly kind: "stored"; readonly final: FinalBlock }
  | { readonly kind: "threw"; readonly detail: string }
  | { readonly kind: "badSeal"; readonly detail: string }
  | { readonly kind: "life"; readonly what: string };

export type EngineMaker = (context: ConsensusContext) => PoaEngine;

/** A validator's machine: engine, chain, disk, and the host that carries out the engine's actions. */
export class SimNode {
  readonly index: number;
  readonly name: string;
  readonly host: NodeHost;
  readonly chain: SimChain;
  disk: SimDisk;
  engine: PoaEngine | undefined;
  isUp = false;
  isConnected = false;
  /** Byzantine nodes run the same engine; what they do with it is their business. */
  isHonest = true;
  /** Loses the WAL with the power, and does not know it. */
  keepsWal = true;
  makeEngine: EngineMaker = (context) => new PoaEngine(context);
  #life = 0;
  #queue: Action[] = [];
  #isBusy = false;
  #timers = new Set<number>();
  #toldWork = false;
  #lastServed = new Map<string, number>();

  constructor(host: NodeHost, index: number, name = `v${index}`) {
    this.host = host;
    this.index = index;
    this.name = name;
    this.chain = new SimChain(host.validatorsHash, () => host.heap.nowMs, host.validators);
    this.chain.proposer = index;
    this.disk = new SimDisk(host.prng);
  }

  get publisher(): string {
    return this.host.publishers[this.index] ?? "";
  }

  start(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.#life++;
    this.#queue = [];
    this.#isBusy = false;
    this.#timers.clear();
    this.#lastServed.clear();
    this.#note("start");
    this.engine = this.makeEngine({
      suite: fakeSuite,
      chainId,
      signer: fakeSigner(this.index),
      blocks: this.chain,
    });
    const { wal, records, bodies } = this.disk.open();
    for (const body of bodies) this.chain.offer(body);
    this.#post({ type: "restored", ...(this.keepsWal ? { wal, records } : NOTHING) });
    this.#newHeight();
    this.#later(this.host.prng.between(0, 5_000), () => this.#status());
    this.#later(this.host.prng.between(2_000, 4_000), () => this.#republish());
  }

  crash(): void {
    if (!this.isUp) return;
    this.#note("crash");
    this.isUp = false;
    this.isConnected = false;
    this.#life++;
    this.engine = undefined;
    if (this.disk.losePower()) this.#note("torn");
    this.chain.crash();
  }

  connect(connected: boolean): void {
    if (!this.isUp || connected === this.isConnected) return;
    this.isConnected = connected;
    this.#post({ type: connected ? "connected" : "disconnected" });
    if (connected) this.host.send(this, "all", this.#statusPacket());
  }

  /** The operator vouches for a node whose disk was never touched. */
  release(): void {
    if (this.engine?.view.suspended === undefined) return;
    this.#post({ type: "released", reason: "its disk was never touched" });
  }

  submit(body: Uint8Array): void {
    if (!this.isUp) return;
    this.#offer([body]);
    this.host.send(this, "all", { type: "transactions", bodies: [body] });
  }

  receive(from: number, packet: Packet): void {
    if (!this.isUp) return;
    switch (packet.type) {
      case "consensus":
        this.#post({ type: "message", publisher: packet.publisher, bytes: packet.bytes });
        break;
      case "transactions":
        this.#offer(packet.bodies);
        break;
      case "getTransactions": {
        const bodies = packet.txHashes.flatMap(
          (hash) => this.chain.bodies.get(formatHex(hash)) ?? [],
        );
        if (bodies.length > 0) this.host.send(this, from, { type: "transactions", bodies });
        break;
      }
      case "status":
        this.#onStatus(from, packet);
        break;
      case "getBlock":
        this.#serve(from, packet.height);
        break;
      case "block":
        this.#onBlock(packet.final);
        break;
    }
  }

  #onStatus(from: number, { publisher, height }: Extract<Packet, { type: "status" }>): void {
    if (publisher !== this.publisher) this.#post({ type: "peerStatus", publisher, height });
    if (height > this.chain.height) this.#ask(from);
  }

  #ask(from: number): void {
    this.host.send(this, from, { type: "getBlock", height: this.chain.height + 1 });
  }

  /** At most one block in a while to each: a node that is far behind asks for the next. */
  #serve(to: number, height: number): void {
    const final = this.chain.blocks[height - 1];
    const key = `${to}:${height}`;
    const { nowMs } = this.host.heap;
    if (final === undefined || nowMs - (this.#lastServed.get(key) ?? -1_000) < 500) return;
    this.#lastServed.set(key, nowMs);
    this.host.send(this, to, { type: "block", final });
  }

  #onBlock(final: FinalBlock): void {
    const { header, blockHash } = final.block;
    if (header.height !== this.chain.height + 1) return;
    const { validators, validatorsHash } = this.host;
    const place = { chainId, validatorsHash, height: header.height };
    try {
      verifySeal(fakeSuite, validators, place, blockHash, final.seal);
    } catch (thrown) {
      this.host.observe(this, { kind: "badSeal", detail: String(thrown) });
      return;
    }
    this.#store(final);
  }

  #offer(bodies: readonly Uint8Array[]): void {
    for (const body of bodies) this.chain.offer(body);
    this.#post({ type: "bodiesArrived" });
    this.#tellWork();
  }

  /** The block policy: a batch waits a little for company. */
  #tellWork(): void {
    if (this.#toldWork || this.chain.pool.size === 0) return;
    this.#toldWork = true;
    this.#later(150, () => {
      this.#toldWork = false;
      if (this.chain.pool.size > 0) this.#post({ type: "work" });
    });
  }

  #republish(): void {
    const bodies = [...this.chain.pool.values()].slice(0, 16);
    if (bodies.length > 0) {
      this.host.send(this, "all", { type: "transactions", bodies });
      this.#tellWork();
    }
    this.#later(4_000, () => this.#republish());
  }

  #status(): void {
    this.host.send(this, "all", this.#statusPacket());
    this.#later(5_000, () => this.#status());
  }

  #statusPacket(): Packet {
    return { type: "status", publisher: this.publisher, height: this.chain.height };
  }

  #newHeight(): void {
    const { validators, validatorsHash, baseTimeoutMs, minIntervalMs, heap } = this.host;
    const head = this.chain.blocks.at(-1)?.block.header;
    const waitMs = head === undefined ? 0 : Math.max(0, head.timeMs + minIntervalMs - heap.nowMs);
    this.#post({
      type: "newHeight",
      height: this.chain.height + 1,
      parentHash: this.chain.headHash,
      validators,
      validatorsHash,
      passedOver: this.chain.passedOver,
      waitMs,
      baseTimeoutMs,
    });
    this.#toldWork = false;
    this.#tellWork();
  }

  #store(final: FinalBlock): void {
    if (final.block.header.height !== this.chain.height + 1) return;
    this.chain.store(final);
    this.host.observe(this, { kind: "stored", final });
    this.#newHeight();
  }

  #post(event: EngineEvent): void {
    if (this.engine === undefined) return;
    this.host.observe(this, { kind: "event", event });
    try {
      this.#queue.push(...this.engine.handle(event));
    } catch (thrown) {
      this.host.observe(this, { kind: "threw", detail: String(thrown) });
    }
    if (!this.#isBusy) this.#drain();
  }

  #drain(): void {
    this.#isBusy = true;
    while (this.#queue.length > 0) {
      const action = this.#queue.shift()!;
      if (action.type === "record") {
        this.#record(action.records);
        return;
      }
      this.#carryOut(action);
      if (!this.isUp) return;
    }
    this.#isBusy = false;
  }

  #record(records: readonly WalRecord[]): void {
    this.disk.write(records, (txHashes) => this.chain.bodiesOf(txHashes));
    const { prng } = this.host;
    const syncMs = prng.chance(0.05) ? prng.between(20, 300) : prng.between(0.5, 8);
    this.#later(syncMs, () => {
      const crash = this.host.crashAtRecord(this);
      if (crash !== "during") {
        this.disk.sync();
        this.host.observe(this, { kind: "action", action: { type: "record", records } });
      }
      if (crash === "no") this.#drain();
      else this.crash();
    });
  }

  #carryOut(action: Exclude<Action, { type: "record" }>): void {
    this.host.observe(this, { kind: "action", action });
    switch (action.type) {
      case "checkpoint":
        this.disk.checkpoint(action.records, (txHashes) => this.chain.bodiesOf(txHashes));
        break;
      case "broadcast": {
        const { lane, bytes } = action;
        this.host.send(this, "all", { type: "consensus", publisher: this.publisher, lane, bytes });
        break;
      }
      case "fetch": {
        const to = this.host.publishers.indexOf(action.publisher);
        this.host.send(this, to, { type: "getTransactions", txHashes: action.txHashes });
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
      case "decide": {
        if (action.block.header.height !== this.chain.height + 1) break;
        const bodies = this.chain.bodiesOf(action.block.txHashes);
        this.#store({ block: action.block, seal: action.seal, bodies });
        break;
      }
      case "peerHeight": {
        const to = this.host.publishers.indexOf(action.publisher);
        if (action.height <= this.chain.height) this.#serve(to, action.height);
        else if (action.height > this.chain.height + 1) this.#ask(to);
        break;
      }
      default:
    }
  }

  #later(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.host.heap.after(delayMs, () => {
      if (life === this.#life) run();
    });
  }

  #note(what: string): void {
    this.host.observe(this, { kind: "life", what });
  }
}
