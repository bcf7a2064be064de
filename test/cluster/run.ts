import { chooseByzantine } from "./byzantine.ts";
import { Council } from "./council.ts";
import { besiege, finish, finishWithCore } from "./finish.ts";
import { addHostileRelay } from "./hostile-relay.ts";
import type { Violation } from "./invariants.ts";
import { makeWeather, scheduleAmnesia, scheduleFaults } from "./nemesis.ts";
import { Prng } from "./prng.ts";
import type { EngineMaker, NodeFlaws } from "./sim-node.ts";
import { type RelayHabit, relayHabits } from "./sim-relay.ts";
import { type Stats, World } from "./world.ts";

const CHAOS_MS = 25_000;

export interface RunOptions {
  readonly seed: number;
  readonly validators: number;
  /** Planted bugs: in the engine, and in the machine around it. */
  readonly engine?: EngineMaker;
  readonly flaws?: NodeFlaws;
  /** What the relay does with votes of more than 7 validators; one of all habits by default. */
  readonly relay?: RelayHabit;
  readonly trace?: (line: string) => void;
}

export interface Outcome {
  readonly violations: readonly Violation[];
  readonly stats: Stats;
  /** Of every event and action with its time: two runs of one seed have the same. */
  readonly traceHash: number;
  readonly virtualMs: number;
}

/** Mostly small clusters; now and then a large one. */
export function validatorsOf(seed: number): number {
  if (seed % 50 === 49) return 10;
  if (seed % 100 === 98) return 16;
  return [4, 4, 5, 7][seed % 4] ?? 4;
}

/** One seed: bad weather, then calm, then nothing to do. */
export function run({ seed, validators, engine, flaws, relay, trace }: RunOptions): Outcome {
  const plan = new Prng(seed ^ 0x5eed);
  const spares = validators >= 4 && validators <= 7 && plan.chance(0.4) ? 1 + plan.below(2) : 0;
  const world = new World({
    seed,
    validators,
    spares,
    minIntervalMs: plan.pick([0, 0, 500, 2_000]),
    ...(engine === undefined ? {} : { engine }),
    ...(flaws === undefined ? {} : { flaws }),
    ...(trace === undefined ? {} : { trace }),
  });
  const byzantine = chooseByzantine(world, plan, world.faults);
  const council = new Council(world, plan);
  makeWeather(world, plan);
  if (plan.chance(0.3)) addHostileRelay(world, plan.pick([0.05, 0.3]));
  if (validators > 7) world.useRelay(relay ?? plan.pick(relayHabits));
  world.startAll();
  scheduleFaults(world, plan, CHAOS_MS);
  if (byzantine < world.faults && plan.chance(0.4)) {
    scheduleAmnesia(world, plan, council, CHAOS_MS);
  }
  if (spares > 0) council.start(CHAOS_MS);
  const submissions = 4 + plan.below(24);
  for (let i = 0; i < submissions; i++) {
    world.heap.after(plan.between(0, CHAOS_MS), () => world.submit());
  }
  const isBroken = () => world.invariants.violations.length > 0;
  world.heap.runUntil(CHAOS_MS, isBroken);
  if (!isBroken()) calmDown(world, plan, isBroken);
  world.stats.blocks = world.invariants.finalHeight;
  for (const { disk } of world.machines) world.stats.lyingDisks += disk.lostFrames;
  return {
    violations: world.invariants.violations,
    stats: world.stats,
    traceHash: world.traceHash,
    virtualMs: world.heap.nowMs,
  };
}

function calmDown(world: World, plan: Prng, isBroken: () => boolean): void {
  world.note("calm weather");
  // A change of the validators that is under way could still take away who is counted on.
  const isFixed = world.nodes.length === world.validators.length;
  const survivors =
    isFixed && world.nodes.length <= 7 && plan.chance(0.08) ? besiege(world, plan) : [];
  world.calm();
  if (isFixed && (survivors.length > 0 || plan.chance(0.4))) {
    finishWithCore(world, plan, survivors, isBroken);
  }
  if (!isBroken()) finish(world, isBroken);
}
