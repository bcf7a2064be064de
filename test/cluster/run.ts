import { quorum } from "@gridledger/protocol/ledger/validators";
import { statementPreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { encodeRoundChange, type RoundChange } from "@gridledger/protocol/messages/round-change";
import { fakeSigner } from "./fake-suite.ts";
import type { Violation } from "./invariants.ts";
import { Prng } from "./prng.ts";
import { chainId, type EngineMaker, type Packet, type SimNode } from "./sim-node.ts";
import { type RelayHabit, relayHabits } from "./sim-relay.ts";
import { type Stats, World } from "./world.ts";

const CHAOS_MS = 25_000;
/** Three times the longest round: what it may take until all is decided once the weather is good. */
const LIVENESS_MS = 180_000;
const STALL_MS = 240_000;
/** Idle means not a word for this long; the longest round with its retransmissions is as long. */
const SILENT_MS = 70_000;
const MAX_WINDOWS = 8;

export interface RunOptions {
  readonly seed: number;
  readonly validators: number;
  readonly engine?: EngineMaker;
  /** The disk forgets with the power and nobody notices. */
  readonly noWal?: boolean;
  /** What the relay does with votes of more than 7 validators; one of all habits by default. */
  readonly relay?: RelayHabit;
  /** At most this many byzantine validators; f by default. */
  readonly maxByzantine?: number;
  readonly trace?: (line: string) => void;
}

export interface Outcome {
  readonly violations: readonly Violation[];
  readonly stats: Stats;
  readonly traceHash: number;
  readonly virtualMs: number;
}

/** One seed: bad weather, then calm, then nothing to do. */
export function run(options: RunOptions): Outcome {
  const plan = new Prng(options.seed ^ 0x5eed);
  const world = new World({
    seed: options.seed,
    validators: options.validators,
    minIntervalMs: plan.pick([0, 0, 500, 2_000]),
    ...(options.engine === undefined ? {} : { engine: options.engine }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
  });
  const byzantine = chooseByzantine(world, plan, options.maxByzantine ?? world.faults);
  if (options.noWal) for (const node of world.nodes) node.keepsWal = false;
  const canForget = byzantine < world.faults && plan.chance(0.4);
  if (options.validators > 7) world.useRelay(options.relay ?? plan.pick(relayHabits));
  world.startAll();
  makeWeather(world, plan);
  scheduleFaults(world, plan, canForget);
  const submissions = 4 + plan.below(24);
  for (let i = 0; i < submissions; i++) {
    world.heap.after(plan.between(0, CHAOS_MS), () => world.submit());
  }
  const isBroken = () => world.invariants.violations.length > 0;
  world.heap.runUntil(CHAOS_MS, isBroken);
  if (!isBroken() && plan.chance(0.05)) stall(world, plan);
  if (!isBroken()) finish(world, isBroken);
  world.stats.blocks = world.invariants.finalHeight;
  return {
    violations: world.invariants.violations,
    stats: world.stats,
    traceHash: world.traceHash,
    virtualMs: world.heap.nowMs,
  };
}

/** For minutes there is no quorum: those who are left wait, and must not run away from the others. */
function stall(world: World, plan: Prng): void {
  world.calm();
  world.submit();
  const missing = world.nodes.length - quorum(world.nodes.length) + 1;
  const gone = [...world.honest].sort(() => plan.unit() - 0.5).slice(0, missing);
  for (const node of gone) node.crash();
  world.heap.after(5_000, () => world.submit());
  world.heap.runUntil(world.heap.nowMs + STALL_MS);
}

/** After the global stabilisation time: everything waiting is decided (I12), then silence (I13). */
function finish(world: World, isBroken: () => boolean): void {
  world.calm();
  const calmAtMs = world.heap.nowMs;
  const deadline = calmAtMs + LIVENESS_MS;
  while (!isQuiet(world) && world.heap.nowMs < deadline) {
    passSecond(world, isBroken);
    if (isBroken()) return;
  }
  if (!isQuiet(world)) {
    const heads = world.honest.map(({ chain }) => `${chain.height}+${chain.pool.size}`);
    world.invariants.fail("I12", `heads and pools after ${LIVENESS_MS} ms: ${heads.join(" ")}`);
    return;
  }
  world.stats.recoveryMs = world.heap.nowMs - calmAtMs;
  // One more transaction, now that everybody is healthy, must take no more than a few rounds.
  world.submit();
  const before = Math.max(...world.honest.map(({ chain }) => chain.height));
  const until = world.heap.nowMs + LIVENESS_MS;
  while (!(isQuiet(world) && minHeight(world) > before) && world.heap.nowMs < until) {
    passSecond(world, isBroken);
    if (isBroken()) return;
  }
  if (minHeight(world) <= before) {
    world.invariants.fail("I12", "a transaction in calm weather is not decided");
    return;
  }
  for (const node of world.machines) if (!node.isHonest) node.crash();
  // What a byzantine validator began in its last moment is still decided or given up.
  let sent = -1;
  for (let i = 0; i < MAX_WINDOWS && sent !== world.stats.consensusSent; i++) {
    sent = world.stats.consensusSent;
    world.heap.runUntil(world.heap.nowMs + SILENT_MS, isBroken);
  }
  if (sent !== world.stats.consensusSent) {
    world.invariants.fail("I13", "messages go on with nothing to do");
  }
}

/** A new validator that missed the first blocks looks like a wiped one; the operator knows better. */
function passSecond(world: World, isBroken: () => boolean): void {
  for (const node of world.honest) if (!world.invariants.forgetful.has(node)) node.release();
  world.heap.runUntil(world.heap.nowMs + 1_000, isBroken);
}

function minHeight(world: World): number {
  return Math.min(...world.honest.map(({ chain }) => chain.height));
}

function isQuiet(world: World): boolean {
  const { honest } = world;
  const height = honest[0]?.chain.height;
  return honest.every(
    ({ chain, isUp }) => isUp && chain.height === height && chain.pool.size === 0,
  );
}

function makeWeather(world: World, plan: Prng): void {
  const { weather } = world;
  weather.loss = plan.pick([0, 0.02, 0.1, 0.3]);
  weather.duplicate = plan.pick([0, 0.05, 0.2]);
  weather.meanDelayMs = plan.pick([5, 20, 100, 400]);
  weather.replay = plan.pick([0, 0, 0.05, 0.15]);
  weather.crashAtRecord = plan.pick([0, 0, 0.01, 0.05]);
}

function scheduleFaults(world: World, plan: Prng, canForget: boolean): void {
  const { heap } = world;
  let at = plan.exponential(2_500);
  while (at < CHAOS_MS) {
    const kind = plan.pick(["crash", "crash", "partition", "oneWay", "alone", "broker", "power"]);
    const lastsMs = plan.exponential(3_000);
    heap.after(at, () => faults[kind]?.(world, lastsMs));
    at += plan.exponential(3_500);
  }
  if (!canForget) return;
  const victim = plan.pick(world.honest);
  heap.after(plan.between(2_000, CHAOS_MS), () => forget(world, victim));
}

const faults: Readonly<Record<string, (world: World, lastsMs: number) => void>> = {
  crash(world, lastsMs) {
    const node = world.prng.pick(world.nodes);
    node.crash();
    world.heap.after(lastsMs, () => restart(world, node));
  },
  power(world, lastsMs) {
    world.powerLoss();
    for (const node of world.machines) {
      world.heap.after(lastsMs + world.prng.exponential(500), () => restart(world, node));
    }
  },
  broker(world, lastsMs) {
    world.setBroker(false);
    world.heap.after(lastsMs, () => world.setBroker(true));
  },
  partition(world, lastsMs) {
    const side = world.nodes.map(() => world.prng.chance(0.5));
    cut(world, lastsMs, (from, to) => side[from] === side[to]);
  },
  oneWay(world, lastsMs) {
    const deaf = world.prng.below(world.nodes.length);
    const mute = world.prng.below(world.nodes.length);
    cut(world, lastsMs, (from, to) => !(from === mute || to === deaf));
  },
  alone(world, lastsMs) {
    const alone = world.prng.below(world.nodes.length);
    cut(world, lastsMs, (from, to) => from === to || (from !== alone && to !== alone));
  },
};

function cut(world: World, lastsMs: number, canPass: World["canPass"]): void {
  world.stats.partitions++;
  world.canPass = canPass;
  world.heap.after(lastsMs, () => {
    if (world.canPass === canPass) world.canPass = () => true;
  });
}

function restart(world: World, node: SimNode): void {
  node.start();
  node.connect(world.brokerUp);
}

/** A card is replaced, or a bit rots: the log is gone or does not add up. */
function forget(world: World, node: SimNode): void {
  // In its first two blocks a chain cannot tell a wiped validator from a new one: there it counts as
  // one of the f faults, so only later ones may lose more than their WAL.
  if (node.chain.height < 2) return;
  node.crash();
  world.invariants.forgetful.add(node);
  if (world.prng.chance(0.5)) {
    node.disk.wipe();
    node.chain.wipe();
    world.invariants.wiped.add(node);
  } else if (!node.disk.damage()) {
    node.disk.wipe();
  }
  restart(world, node);
}

function chooseByzantine(world: World, plan: Prng, most: number): number {
  const count = plan.below(most + 1);
  const order = world.nodes.map(({ index }) => index).sort(() => plan.unit() - 0.5);
  const chosen = order.slice(0, count);
  world.corrupt(chosen);
  const habits = new Map(
    chosen.map((index) => [index, plan.pick(["twin", "twin", "silent", "liar"])]),
  );
  for (const [index, habit] of habits) if (habit === "twin") world.addTwin(index);
  let audience = new Map<string, number>();
  const shuffle = () => {
    audience = new Map();
    world.heap.after(3_000, shuffle);
  };
  shuffle();
  world.distort = (from, to, packet) => {
    if (packet.type !== "consensus") return [packet];
    const habit = habits.get(from.index);
    if (habit === "silent") return world.prng.chance(0.9) ? [] : [packet];
    if (habit === "liar") return lie(world, from, packet);
    const key = `${from.index}/${to}`;
    if (!audience.has(key)) audience.set(key, world.prng.below(3));
    const hears = audience.get(key);
    const isTwin = world.twins.includes(from);
    if (hears === 2) return [packet];
    if ((hears === 0) === isTwin) return [];
    world.stats.equivocations++;
    return [packet];
  };
  return count;
}

/** Changed bytes, and round changes to the end of time. */
function lie(
  world: World,
  from: SimNode,
  packet: Extract<Packet, { type: "consensus" }>,
): Packet[] {
  const { prng } = world;
  if (prng.chance(0.3)) {
    const bytes = Uint8Array.from(packet.bytes);
    bytes[prng.below(bytes.length)]! ^= 1 << prng.below(8);
    return [{ ...packet, bytes }];
  }
  if (prng.chance(0.1)) {
    const height = from.chain.height + 1;
    const round = prng.pick([1, 2, 3, 4_000_000_000]);
    const message: RoundChange = {
      height,
      round,
      from: from.index,
      prepared: null,
      block: null,
      signature: signRoundChange(from, height, round),
    };
    return [packet, { ...packet, bytes: encodeRoundChange(message) }];
  }
  return [packet];
}

function signRoundChange(from: SimNode, height: number, round: number): Uint8Array {
  const { validatorsHash } = from.host;
  const statement = { type: voteType.roundChange, round, prepared: null };
  return fakeSigner(from.index).sign(
    statementPreimage({ chainId, validatorsHash, height }, statement),
  );
}
