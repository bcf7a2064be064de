import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { formatHex } from "@gridledger/protocol/hex";
import {
  faultTolerance,
  type Validator,
  validatorsHash,
} from "@gridledger/protocol/ledger/validators";
import { EventHeap } from "./event-heap.ts";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";
import { Invariants } from "./invariants.ts";
import { Prng } from "./prng.ts";
import {
  type EngineMaker,
  type EventOrAction,
  type NodeHost,
  type Packet,
  SimNode,
} from "./sim-node.ts";
import { RELAY, type RelayHabit, SimRelay } from "./sim-relay.ts";

export interface Stats {
  events: number;
  delivered: number;
  dropped: number;
  duplicated: number;
  replayed: number;
  crashes: number;
  tornOrLost: number;
  powerLosses: number;
  partitions: number;
  brokerDown: number;
  equivocations: number;
  amnesias: number;
  evidence: number;
  consensusSent: number;
  relayed: number;
  blocks: number;
  /** From the end of bad weather until everything was decided everywhere. */
  recoveryMs: number;
}

export interface Weather {
  loss: number;
  duplicate: number;
  meanDelayMs: number;
  replay: number;
  crashAtRecord: number;
}

const CALM: Weather = { loss: 0, duplicate: 0, meanDelayMs: 15, replay: 0, crashAtRecord: 0 };
const MAX_REMEMBERED = 64;

export interface WorldOptions {
  readonly seed: number;
  readonly validators: number;
  readonly baseTimeoutMs?: number;
  readonly minIntervalMs?: number;
  readonly engine?: EngineMaker;
  readonly trace?: (line: string) => void;
}

/** The network, the clock and the machines of one run. */
export class World implements NodeHost {
  readonly heap = new EventHeap();
  readonly prng: Prng;
  readonly validators: readonly Validator[];
  readonly publishers: readonly string[];
  readonly validatorsHash: Uint8Array;
  readonly baseTimeoutMs: number;
  readonly minIntervalMs: number;
  readonly nodes: SimNode[];
  /** Second machines that run with the key of a byzantine validator. */
  readonly twins: SimNode[] = [];
  readonly faults: number;
  readonly stats: Stats;
  invariants: Invariants;
  weather: Weather = { ...CALM };
  brokerUp = true;
  /** Decides when a record is written; null leaves it to the weather. */
  crashRule: ((node: SimNode) => "no" | "during" | "after") | null = null;
  /** False when nothing passes between these two. */
  canPass: (from: number, to: number, packet: Packet) => boolean = () => true;
  /** What a byzantine node does to what it sends: packets for one receiver. */
  distort: (from: SimNode, to: number, packet: Packet) => readonly Packet[] = (_, __, packet) => [
    packet,
  ];
  /** Bundles votes where there are more than seven validators. */
  relay: SimRelay | undefined;
  traceHash = 0x811c_9dc5;
  readonly #trace: ((line: string) => void) | undefined;
  readonly #remembered: { readonly to: number; readonly from: number; readonly packet: Packet }[] =
    [];

  constructor(options: WorldOptions) {
    this.prng = new Prng(options.seed);
    const indexes = Array.from({ length: options.validators }, (_, i) => i);
    this.validators = indexes.map((i) => ({ publicKey: fakeSigner(i).publicKey, name: `v${i}` }));
    this.publishers = this.validators.map(({ publicKey }) =>
      formatHex(identityId(fakeSuite.hash, publicKey)),
    );
    this.validatorsHash = validatorsHash(fakeSuite.hash, this.validators);
    this.baseTimeoutMs = options.baseTimeoutMs ?? 2_000;
    this.minIntervalMs = options.minIntervalMs ?? 0;
    this.faults = faultTolerance(options.validators);
    this.#trace = options.trace;
    this.stats = {
      events: 0,
      delivered: 0,
      dropped: 0,
      duplicated: 0,
      replayed: 0,
      crashes: 0,
      tornOrLost: 0,
      powerLosses: 0,
      partitions: 0,
      brokerDown: 0,
      equivocations: 0,
      amnesias: 0,
      evidence: 0,
      consensusSent: 0,
      relayed: 0,
      blocks: 0,
      recoveryMs: 0,
    };
    this.nodes = indexes.map((i) => this.#createNode(i, options.engine));
    this.invariants = new Invariants(this.validatorsHash, options.validators, 0);
    this.invariants.honest = new Set(indexes);
  }

  get honest(): SimNode[] {
    return this.nodes.filter((node) => node.isHonest);
  }

  /** Everybody on, everybody connected. */
  startAll(): void {
    for (const node of this.machines) {
      node.start();
      node.connect(this.brokerUp);
    }
  }

  get machines(): SimNode[] {
    return [...this.nodes, ...this.twins];
  }

  calm(): void {
    this.weather = { ...CALM };
    this.brokerUp = true;
    this.canPass = () => true;
    this.startAll();
  }

  /** Names the byzantine validators; must happen before anything runs. */
  corrupt(indexes: readonly number[]): void {
    for (const index of indexes) this.nodes[index]!.isHonest = false;
    this.invariants = new Invariants(this.validatorsHash, this.nodes.length, indexes.length);
    this.invariants.honest = new Set(this.honest.map(({ index }) => index));
  }

  addTwin(index: number): SimNode {
    const twin = new SimNode(this, index, `v${index}'`);
    twin.isHonest = false;
    this.twins.push(twin);
    return twin;
  }

  setBroker(up: boolean): void {
    if (up === this.brokerUp) return;
    this.brokerUp = up;
    if (!up) this.stats.brokerDown++;
    for (const node of this.machines) node.connect(up);
  }

  powerLoss(): void {
    this.stats.powerLosses++;
    for (const node of this.machines) node.crash();
  }

  send(from: SimNode, to: number | "all", packet: Packet): void {
    if (!(this.brokerUp && from.isConnected)) return;
    if (packet.type === "consensus") this.stats.consensusSent++;
    if (packet.type === "consensus" && this.relay !== undefined) this.#toRelay(from, packet);
    if (packet.type === "consensus" && packet.lane === "q") return;
    if (to !== "all") {
      this.#sendOne(from, to, packet);
      return;
    }
    for (const { index } of this.nodes) {
      // MQTT 3.1.1 has no way to leave the sender out; some brokers echo, some clients filter.
      if (index !== from.index) this.#sendOne(from, index, packet);
      else if (from.isHonest && this.prng.chance(0.2)) this.#deliverLater(index, index, packet);
    }
  }

  useRelay(habit: RelayHabit): SimRelay {
    this.relay = new SimRelay(
      {
        ...{ heap: this.heap, prng: this.prng, nodes: this.nodes },
        headHeight: () => Math.min(...this.honest.map(({ chain }) => chain.height)),
        setAt: () => ({ validators: this.validators, hash: this.validatorsHash }),
        deliver: (to, publisher, bytes) => this.#fromRelay(to, publisher, bytes),
      },
      habit,
    );
    return this.relay;
  }

  #toRelay(from: SimNode, packet: Extract<Packet, { type: "consensus" }>): void {
    if (packet.lane !== "q" && packet.lane !== "v") return;
    for (const distorted of from.isHonest ? [packet] : this.distort(from, RELAY, packet)) {
      if (distorted.type !== "consensus" || this.prng.chance(this.weather.loss)) continue;
      const delayMs = 1 + this.prng.exponential(this.weather.meanDelayMs / 2);
      this.heap.after(delayMs, () =>
        this.relay?.hear(distorted.publisher, distorted.bytes, distorted.lane === "q"),
      );
    }
  }

  #fromRelay(to: number, publisher: string, bytes: Uint8Array): void {
    if (!this.brokerUp || this.prng.chance(this.weather.loss)) return;
    this.stats.relayed++;
    this.#deliverLater(RELAY, to, { type: "consensus", publisher, lane: "b", bytes });
  }

  observe(node: SimNode, what: EventOrAction): void {
    this.stats.events++;
    this.#fold(node, what);
    if (what.kind === "life" && what.what === "crash") this.stats.crashes++;
    if (what.kind === "life" && what.what === "torn") this.stats.tornOrLost++;
    if (what.kind === "action") {
      if (what.action.type === "evidence" && node.isHonest) this.stats.evidence++;
      if (what.action.type === "alarm" && what.action.code === "SIGNING_SUSPENDED") {
        this.stats.amnesias++;
      }
    }
    this.invariants.observe(node, what);
  }

  crashAtRecord(node: SimNode): "no" | "during" | "after" {
    if (!node.isHonest) return "no";
    if (this.crashRule !== null) return this.crashRule(node);
    if (!this.prng.chance(this.weather.crashAtRecord)) return "no";
    this.heap.after(this.prng.exponential(2_000), () => {
      node.start();
      node.connect(this.brokerUp);
    });
    return this.prng.pick(["during", "after"]);
  }

  submit(): void {
    const up = this.nodes.filter((node) => node.isUp && node.isHonest);
    if (up.length > 0) this.prng.pick(up).submit(this.prng.bytes(24));
  }

  #createNode(index: number, engine: EngineMaker | undefined): SimNode {
    const node = new SimNode(this, index);
    if (engine !== undefined) node.makeEngine = engine;
    return node;
  }

  #sendOne(from: SimNode, to: number, packet: Packet): void {
    for (const distorted of from.isHonest ? [packet] : this.distort(from, to, packet)) {
      if (!this.canPass(from.index, to, distorted) || this.prng.chance(this.weather.loss)) {
        this.stats.dropped++;
        continue;
      }
      this.#deliverLater(from.index, to, distorted);
      if (this.prng.chance(this.weather.duplicate)) {
        this.stats.duplicated++;
        this.#deliverLater(from.index, to, distorted, 5);
      }
      this.#maybeReplay(from.index, to, distorted);
    }
  }

  #maybeReplay(from: number, to: number, packet: Packet): void {
    if (this.weather.replay === 0) return;
    if (this.#remembered.length < MAX_REMEMBERED) this.#remembered.push({ from, to, packet });
    else this.#remembered[this.prng.below(MAX_REMEMBERED)] = { from, to, packet };
    if (!this.prng.chance(this.weather.replay)) return;
    const old = this.prng.pick(this.#remembered);
    this.stats.replayed++;
    this.#deliverLater(old.from, old.to, old.packet, 10);
  }

  #deliverLater(from: number, to: number, packet: Packet, slower = 1): void {
    const delayMs = 2 + this.prng.exponential(this.weather.meanDelayMs * slower);
    this.heap.after(delayMs, () => {
      for (const node of this.machines) {
        if (node.index !== to || !node.isUp || !node.isConnected) continue;
        // Two copies of one key never hear each other: they would stop.
        if (from === to && !node.isHonest) continue;
        this.stats.delivered++;
        node.receive(from, packet);
      }
    });
  }

  #fold(node: SimNode, what: EventOrAction): void {
    let code = node.index * 31 + Math.floor(this.heap.nowMs * 8);
    if (what.kind === "event") {
      code = code * 7 + what.event.type.length;
      if (what.event.type === "message") code += checksum(what.event.bytes);
    } else if (what.kind === "action") {
      code = code * 11 + what.action.type.length;
      if (what.action.type === "broadcast") code += checksum(what.action.bytes);
    }
    this.traceHash = Math.imul(this.traceHash ^ (code >>> 0), 0x0100_0193) >>> 0;
    this.#trace?.(
      `${this.heap.nowMs.toFixed(1).padStart(10)} ${node.name.padEnd(4)} ${tell(what)}`,
    );
  }
}

function checksum(bytes: Uint8Array): number {
  let sum = bytes.length;
  for (let i = 0; i < bytes.length; i += 7) sum = (Math.imul(sum, 31) + bytes[i]!) >>> 0;
  return sum;
}

const types = ["", "PROPOSAL", "PREPARE", "COMMIT", "ROUND-CHANGE", "DECIDE", "CERTIFICATE"];

/** Type, height and round as they stand in the first bytes of every consensus message. */
function tellMessage(bytes: Uint8Array): string {
  const [height, at] = smallUint(bytes, 3);
  const [round] = smallUint(bytes, at);
  return `${types[bytes[2] ?? 0] ?? "?"} ${height}/${round}`;
}

function smallUint(bytes: Uint8Array, at: number): [value: number, next: number] {
  const first = bytes[at] ?? 0;
  if (first < 24) return [first, at + 1];
  if (first === 24) return [bytes[at + 1] ?? 0, at + 2];
  return [((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0), at + 3];
}

function tell(what: EventOrAction): string {
  if (what.kind === "life") return `*** ${what.what}`;
  if (what.kind === "badSeal" || what.kind === "threw") return `   ${what.detail}`;
  if (what.kind === "stored") return `   stored ${what.final.block.header.height}`;
  if (what.kind === "event") {
    const { event } = what;
    if (event.type === "message")
      return `<- ${tellMessage(event.bytes)} of ${event.publisher.slice(0, 4)}`;
    if (event.type === "newHeight") return `<- newHeight ${event.height}`;
    if (event.type === "restored")
      return `<- restored ${event.wal}, ${event.records.length} records`;
    if (event.type === "timer") return `<- timer ${event.id}`;
    return `<- ${event.type}`;
  }
  const { action } = what;
  if (action.type === "broadcast") return `-> ${tellMessage(action.bytes)}`;
  if (action.type === "record")
    return `   durable: ${action.records.map(({ kind }) => kind).join(", ")}`;
  if (action.type === "decide") {
    return `   DECIDED ${action.block.header.height} ${formatHex(action.block.blockHash).slice(0, 8)} in round ${action.seal.round}`;
  }
  if (action.type === "startTimer") return `   timer ${action.id} in ${action.delayMs} ms`;
  if (action.type === "reject" || action.type === "alarm")
    return `   ${action.type} ${action.code} ${action.detail}`;
  if (action.type === "evidence") return `   evidence against v${action.validator}`;
  return `   ${action.type}`;
}
