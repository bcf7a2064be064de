import type { CommitteeParameters } from "@gridledger/protocol/committee/parameters";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { formatHex } from "@gridledger/protocol/hex";
import {
  faultTolerance,
  type Validator,
  validatorsHash,
} from "@gridledger/protocol/ledger/validators";
import { EventHeap } from "./event-heap.ts";
import { fakeSuite } from "./fake-suite.ts";
import { Invariants } from "./invariants.ts";
import { Prng } from "./prng.ts";
import type { DiskFlaws } from "./sim-disk.ts";
import { validatorOf } from "./sim-membership.ts";
import {
  type EngineMaker,
  type EventOrAction,
  type NodeFlaws,
  type NodeHost,
  type Packet,
  SimNode,
} from "./sim-node.ts";
import { RELAY, type RelayHabit, SimRelay } from "./sim-relay.ts";
import { tell } from "./trace.ts";

/** What one run did: faults by kind, and what came of them. */
export interface Stats {
  events: number;
  delivered: number;
  dropped: number;
  duplicated: number;
  replayed: number;
  /** Replayed from heights that were decided. */
  replayedOld: number;
  crashes: number;
  tornOrLost: number;
  powerLosses: number;
  diskFailures: number;
  /** Durable frames that a lying disk lost. */
  lyingDisks: number;
  clockJumps: number;
  partitions: number;
  /** Minutes in which every proposal was lost. */
  storms: number;
  brokerDown: number;
  equivocations: number;
  forged: number;
  /** Proposals over justifications that do not allow them. */
  unjustified: number;
  /** Votes against a block that is decided. */
  lateVotes: number;
  /** Bundled by a relay, half of them falsely. */
  certificates: number;
  changesProposed: number;
  changesMade: number;
  /** Runs that had to end well with no validator more than the quorum needs. */
  cores: number;
  amnesias: number;
  evidence: number;
  consensusSent: number;
  relayed: number;
  blocks: number;
  /** From the end of bad weather until everything was decided everywhere. */
  recoveryMs: number;
}

function noStats(): Stats {
  return {
    events: 0,
    delivered: 0,
    dropped: 0,
    duplicated: 0,
    replayed: 0,
    replayedOld: 0,
    crashes: 0,
    tornOrLost: 0,
    powerLosses: 0,
    diskFailures: 0,
    lyingDisks: 0,
    clockJumps: 0,
    partitions: 0,
    storms: 0,
    brokerDown: 0,
    equivocations: 0,
    forged: 0,
    unjustified: 0,
    lateVotes: 0,
    certificates: 0,
    changesProposed: 0,
    changesMade: 0,
    cores: 0,
    amnesias: 0,
    evidence: 0,
    consensusSent: 0,
    relayed: 0,
    blocks: 0,
    recoveryMs: 0,
  };
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

interface Sent {
  readonly to: number;
  readonly from: number;
  readonly packet: Packet;
}

function remember(kept: Sent[], prng: Prng, sent: Sent, chance: number): void {
  if (kept.length < MAX_REMEMBERED) kept.push(sent);
  else if (chance === 1 || prng.chance(chance)) kept[prng.below(MAX_REMEMBERED)] = sent;
}

export interface WorldOptions {
  readonly seed: number;
  readonly validators: number;
  readonly baseTimeoutMs?: number;
  readonly minIntervalMs?: number;
  /** Machines that are no validators at the start. */
  readonly spares?: number;
  /** A committee of them seals. */
  readonly committee?: CommitteeParameters;
  readonly engine?: EngineMaker;
  readonly flaws?: NodeFlaws;
  readonly trace?: (line: string) => void;
}

/** The network, the clock and the machines of one run. */
export class World implements NodeHost {
  readonly heap = new EventHeap();
  readonly prng: Prng;
  readonly validators: readonly Validator[];
  readonly publishers: readonly string[];
  readonly validatorsHash: Uint8Array;
  readonly committee: CommitteeParameters | undefined;
  readonly baseTimeoutMs: number;
  readonly minIntervalMs: number;
  /** Every machine with a key, validators and those that could become one. */
  readonly nodes: SimNode[];
  /** Second machines that run with the key of a byzantine validator. */
  readonly twins: SimNode[] = [];
  readonly faults: number;
  readonly stats = noStats();
  readonly invariants: Invariants;
  weather: Weather = { ...CALM };
  brokerUp = true;
  /** Decides when a record is written; null leaves it to the weather. */
  crashRule: ((node: SimNode) => "no" | "during" | "after") | null = null;
  /** False when nothing passes between these two. */
  canPass: (from: number, to: number, packet: Packet) => boolean = () => true;
  /** How long a message takes in calm weather; undefined leaves it to the weather. */
  link: ((prng: Prng) => number) | undefined;
  /** Hears everything that reaches the broker. */
  tap: (from: SimNode, packet: Packet) => void = () => undefined;
  relayedBytes = 0;
  /** Off for good. */
  readonly buried = new Set<SimNode>();
  /** What a byzantine node does to what it sends: packets for one receiver. */
  distort: (from: SimNode, to: number, packet: Packet) => readonly Packet[] = (_, __, packet) => [
    packet,
  ];
  /** Bundles votes where there are more than seven validators. */
  relay: SimRelay | undefined;
  traceHash = 0x811c_9dc5;
  readonly #flaws: NodeFlaws;
  readonly #trace: ((line: string) => void) | undefined;
  readonly #recent: Sent[] = [];
  readonly #old: Sent[] = [];

  constructor(options: WorldOptions) {
    this.prng = new Prng(options.seed);
    const { validators, spares = 0 } = options;
    const indexes = Array.from({ length: validators + spares }, (_, i) => i);
    // The first may be a spare, so that numbers move when it joins.
    const first = spares > 0 && options.seed % 2 === 0 ? 1 : 0;
    this.validators = indexes.slice(first, first + validators).map(validatorOf);
    this.publishers = indexes.map((machine) =>
      formatHex(identityId(fakeSuite.hash, validatorOf(machine).publicKey)),
    );
    this.validatorsHash = validatorsHash(fakeSuite.hash, this.validators);
    this.baseTimeoutMs = options.baseTimeoutMs ?? 2_000;
    this.minIntervalMs = options.minIntervalMs ?? 0;
    this.faults = faultTolerance(options.validators);
    this.#trace = options.trace;
    this.#flaws = options.flaws ?? {};
    this.committee = options.committee;
    this.nodes = indexes.map((i) => this.#createNode(i, options.engine));
    this.invariants = new Invariants(this.validatorsHash, this.validators, options.committee);
    this.invariants.honest = new Set(indexes);
  }

  get honest(): SimNode[] {
    return this.nodes.filter((node) => node.isHonest);
  }

  /** Everybody on, everybody connected. */
  startAll(): void {
    for (const node of this.machines) {
      if (this.buried.has(node)) continue;
      node.start();
      node.connect(this.brokerUp);
    }
  }

  get machines(): SimNode[] {
    return [...this.nodes, ...this.twins];
  }

  /** Good weather, right clocks, working disks; who is off stays off. */
  calm(): void {
    this.weather = { ...CALM };
    this.canPass = () => true;
    this.setBroker(true);
    for (const node of this.machines) {
      node.disk.isFailing = false;
      node.clockSkewMs = 0;
    }
  }

  /** Names the byzantine machines; must happen before anything runs. */
  corrupt(indexes: readonly number[]): void {
    for (const index of indexes) {
      this.nodes[index]!.isHonest = false;
      this.invariants.honest.delete(index);
    }
  }

  /** Puts another machine with this key in the place of the first; before anything runs. */
  withDisk(index: number, disk: DiskFlaws): void {
    const node = new SimNode(this, index, `v${index}`, { disk });
    node.isHonest = this.nodes[index]!.isHonest;
    node.makeEngine = this.nodes[index]!.makeEngine;
    this.nodes[index] = node;
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

  bury(node: SimNode): void {
    this.buried.add(node);
    node.crash();
  }

  powerLoss(): void {
    this.stats.powerLosses++;
    for (const node of this.machines) node.crash();
  }

  send(from: SimNode, to: number | "all", packet: Packet): void {
    if (!(this.brokerUp && from.isConnected)) return;
    if (packet.type === "consensus") this.stats.consensusSent++;
    this.tap(from, packet);
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
    this.note(`the relay is ${habit}`);
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
      const delayMs =
        this.link?.(this.prng) ?? 1 + this.prng.exponential(this.weather.meanDelayMs / 2);
      this.heap.after(delayMs, () =>
        this.relay?.hear(distorted.publisher, distorted.bytes, distorted.lane === "q"),
      );
    }
  }

  #fromRelay(to: number, publisher: string, bytes: Uint8Array): void {
    if (!this.brokerUp || this.prng.chance(this.weather.loss)) return;
    this.stats.relayed++;
    this.relayedBytes += bytes.length;
    this.#deliverLater(RELAY, to, { type: "consensus", publisher, lane: "b", bytes });
  }

  /** Reaches everybody although no machine with a key sent it. */
  publish(from: number, packet: Packet): void {
    for (const { index } of this.nodes) this.#deliverLater(from, index, packet);
  }

  observe(node: SimNode, what: EventOrAction): void {
    this.stats.events++;
    this.#fold(node, what);
    if (what.kind === "life" && what.what === "crash") this.stats.crashes++;
    if (what.kind === "life" && what.what === "torn") this.stats.tornOrLost++;
    if (what.kind === "life" && what.what === "disk fails") this.stats.diskFailures++;
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
      if (this.buried.has(node)) return;
      node.start();
      node.connect(this.brokerUp);
    });
    return this.prng.pick(["during", "after"]);
  }

  /** Gives a transaction to a machine that is on. */
  submit(body = this.prng.bytes(24)): void {
    const up = this.nodes.filter((node) => node.isUp && node.isHonest);
    if (up.length > 0) this.prng.pick(up).submit(body);
  }

  /** A line in the trace for what happens to more than one machine. */
  note(what: string): void {
    this.#trace?.(`${this.heap.nowMs.toFixed(1).padStart(10)} ---- ${what}`);
  }

  #createNode(index: number, engine: EngineMaker | undefined): SimNode {
    const node = new SimNode(this, index, `v${index}`, this.#flaws);
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
    remember(this.#recent, this.prng, { from, to, packet }, 1);
    // A broker may keep a few of every age: each stays for a hundred others.
    if (packet.type === "consensus") remember(this.#old, this.prng, { from, to, packet }, 0.01);
    if (!this.prng.chance(this.weather.replay)) return;
    const isOld = this.#old.length > 0 && this.prng.chance(0.3);
    const replayed = this.prng.pick(isOld ? this.#old : this.#recent);
    if (isOld) this.stats.replayedOld++;
    else this.stats.replayed++;
    const receiver = isOld ? this.prng.below(this.nodes.length) : replayed.to;
    this.#deliverLater(replayed.from, receiver, replayed.packet, 10);
  }

  #deliverLater(from: number, to: number, packet: Packet, slower = 1): void {
    const weatherMs = () => 2 + this.prng.exponential(this.weather.meanDelayMs * slower);
    const delayMs = this.link?.(this.prng) ?? weatherMs();
    this.heap.after(delayMs, () => {
      this.#deliver(this.nodes[to]!, from, packet);
      for (const twin of this.twins) if (twin.index === to) this.#deliver(twin, from, packet);
    });
  }

  #deliver(node: SimNode, from: number, packet: Packet): void {
    if (!(node.isUp && node.isConnected)) return;
    // Two copies of one key never hear each other: they would stop.
    if (from === node.index && !node.isHonest) return;
    this.stats.delivered++;
    node.receive(from, packet);
  }

  #fold(node: SimNode, what: EventOrAction): void {
    let code = node.index * 31 + Math.floor(this.heap.nowMs * 1_024);
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
