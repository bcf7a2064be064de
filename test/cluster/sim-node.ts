import type { CommitteeParameters } from "@gridledger/protocol/committee/parameters";
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
import { type DiskFlaws, SimDisk } from "./sim-disk.ts";
import { machineOf } from "./sim-membership.ts";

export const chainId = new Uint8Array(32).fill(7);

/** After the last block peers hear of each other as often as while it was made for this long. */
const ACTIVE_MS = 30_000;

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

/** Planted bugs of the machine around the engine. */
export interface NodeFlaws {
  /** The WAL goes with the power, and nobody notices. */
  readonly losesWal?: boolean;
  /** Sends what a record protects before the record is durable. */
  readonly sendsEarly?: boolean;
  /** Believes every block that sync brings. */
  readonly trustsSync?: boolean;
  readonly disk?: DiskFlaws;
}

export interface NodeHost {
  readonly heap: EventHeap;
  readonly prng: Prng;
  /** The genesis' set. */
  readonly validators: readonly Validator[];
  readonly validatorsHash: Uint8Array;
  /** Where a committee of the validators seals. */
  readonly committee?: CommitteeParameters | undefined;
  /** Of every machine, validator or not. */
  readonly publishers: readonly string[];
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
  | { readonly kind: "badSeal"; readonly from: number; readonly detail: string }
  | { readonly kind: "life"; readonly what: string };

export type EngineMaker = (context: ConsensusContext) => PoaEngine;

/** A machine with a key: engine, chain, disk, and the host that carries out the engine's actions. */
export class SimNode {
  /** The machine's number; which validator it is, if any, is up to the set of the height. */
  readonly index: number;
  readonly name: string;
  readonly host: NodeHost;
  readonly chain: SimChain;
  readonly disk: SimDisk;
  readonly #flaws: NodeFlaws;
  engine: PoaEngine | undefined;
  isUp = false;
  isConnected = false;
  /** Byzantine nodes run the same engine; what they do with it is their business. */
  isHonest = true;
  /** How wrong this machine's clock is. */
  clockSkewMs = 0;
  /** How much longer this machine's seconds are. */
  clockRate = 1;
  makeEngine: EngineMaker = (context) => new PoaEngine(context);
  #life = 0;
  #queue: Action[] = [];
  #isBusy = false;
  #timers = new Set<number>();
  #toldWork = false;
  #lastServed = new Map<string, number>();
  /** What the others said last of how far they are. */
  readonly #heads = new Map<number, number>();

  constructor(host: NodeHost, index: number, name = `v${index}`, flaws: NodeFlaws = {}) {
    this.host = host;
    this.index = index;
    this.name = name;
    this.#flaws = flaws;
    this.chain = new SimChain(
      host.validatorsHash,
      () => this.nowMs,
      host.validators,
      host.committee,
    );
    this.disk = new SimDisk(host.prng, flaws.disk);
  }

  /** What this machine's clock shows. */
  get nowMs(): number {
    return this.host.heap.nowMs + this.clockSkewMs;
  }

  /** Which validator of the next block this machine is; −1 for none. */
  get validator(): number {
    return this.chain.set.validators.findIndex((known) => machineOf(known) === this.index);
  }

  /** May sign, and is not in doubt about what it has signed. */
  get isSteady(): boolean {
    return this.isUp && this.engine?.view.suspended === undefined;
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
    this.#heads.clear();
    this.#note("start");
    this.engine = this.makeEngine({
      suite: fakeSuite,
      chainId,
      signer: fakeSigner(this.index),
      blocks: this.chain,
    });
    const { wal, records, bodies } = this.disk.open();
    for (const body of bodies) this.chain.offer(body);
    this.#post({ type: "restored", ...(this.#flaws.losesWal ? NOTHING : { wal, records }) });
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
        this.#onBlock(from, packet.final);
        break;
    }
  }

  #onStatus(from: number, { publisher, height }: Extract<Packet, { type: "status" }>): void {
    const isValidator = this.chain.set.validators.some((known) => machineOf(known) === from);
    if (isValidator && publisher !== this.publisher) {
      this.#post({ type: "peerStatus", publisher, height });
    }
    this.#heads.set(from, height);
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

  #onBlock(from: number, final: FinalBlock): void {
    const { header, blockHash } = final.block;
    if (header.height !== this.chain.height + 1) return;
    const { validators, hash } = this.chain.set;
    const place = { chainId, validatorsHash: hash, height: header.height };
    try {
      if (!this.#flaws.trustsSync) {
        verifySeal(fakeSuite, validators, place, blockHash, final.seal);
      }
    } catch (thrown) {
      this.host.observe(this, { kind: "badSeal", from, detail: String(thrown) });
      return;
    }
    this.#store(final);
    if ((this.#heads.get(from) ?? 0) > this.chain.height) this.#ask(from);
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

  /** Often while there is something to do, else now and then. */
  #status(): void {
    this.host.send(this, "all", this.#statusPacket());
    const head = this.chain.blocks.at(-1)?.block.header.timeMs ?? 0;
    const isIdle = this.chain.pool.size === 0 && this.nowMs - head > ACTIVE_MS;
    this.#later(isIdle ? 20_000 : 5_000, () => this.#status());
  }

  #statusPacket(): Packet {
    return { type: "status", publisher: this.publisher, height: this.chain.height };
  }

  #newHeight(): void {
    const { baseTimeoutMs, minIntervalMs } = this.host;
    const { validators, hash: validatorsHash } = this.chain.set;
    const last = this.chain.blocks.at(-1);
    const head = last?.block.header;
    const leftMs = head === undefined ? 0 : head.timeMs + minIntervalMs - this.nowMs;
    // A clock that was wrong must not make anybody wait longer than the policy says.
    const waitMs = Math.min(Math.max(0, leftMs), minIntervalMs);
    this.chain.proposer = this.validator;
    this.#post({
      type: "newHeight",
      height: this.chain.height + 1,
      parentHash: this.chain.headHash,
      ...(last === undefined ? {} : { parentSeal: last.seal }),
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
      if (action.type === "checkpoint" && this.disk.wantsCheckpoint) {
        this.disk.writeSegment(action.records, (txHashes) => this.chain.bodiesOf(txHashes));
        this.#sync(() => this.host.observe(this, { kind: "action", action }));
        return;
      }
      this.#carryOut(action);
      if (!this.isUp) return;
    }
    this.#isBusy = false;
  }

  /** Nothing behind a record happens before the disk has it. */
  #sync(done: () => void): void {
    const { prng } = this.host;
    const syncMs = prng.chance(0.05) ? prng.between(20, 300) : prng.between(0.5, 8);
    this.#later(syncMs, () => {
      const crash = this.host.crashAtRecord(this);
      const isDurable = crash !== "during" && this.disk.sync();
      if (isDurable) done();
      else if (crash !== "during") this.#note("disk fails");
      if (crash === "no" && isDurable) this.#drain();
      else this.crash();
    });
  }

  #record(records: readonly WalRecord[]): void {
    this.disk.write(records, (txHashes) => this.chain.bodiesOf(txHashes));
    this.#sync(() => {
      this.host.observe(this, { kind: "action", action: { type: "record", records } });
    });
    if (this.#flaws.sendsEarly) this.#sendEarly();
  }

  #sendEarly(): void {
    while (this.#queue[0]?.type === "broadcast") this.#carryOut(this.#queue.shift()!);
  }

  #carryOut(action: Action): void {
    this.host.observe(this, { kind: "action", action });
    switch (action.type) {
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
    this.host.heap.after(delayMs * this.clockRate, () => {
      if (life === this.#life) run();
    });
  }

  #note(what: string): void {
    this.host.observe(this, { kind: "life", what });
  }
}
