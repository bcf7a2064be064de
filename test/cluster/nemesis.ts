import type { Council } from "./council.ts";
import type { Prng } from "./prng.ts";
import type { SimNode } from "./sim-node.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;

/** Bad weather: what happens to every message and record, by chance. */
export function makeWeather(world: World, plan: Prng): void {
  const { weather } = world;
  weather.loss = plan.pick([0, 0.02, 0.1, 0.3]);
  weather.duplicate = plan.pick([0, 0.05, 0.2]);
  weather.meanDelayMs = plan.pick([5, 20, 100, 400]);
  weather.replay = plan.pick([0, 0, 0.05, 0.15]);
  weather.crashAtRecord = plan.pick([0, 0, 0.01, 0.05]);
  for (const node of world.machines) node.clockRate = plan.pick([1, 1, 0.9, 1.1]);
}

type FaultKind = keyof typeof faults;

/** What happens to machines and to the network, and when. */
export function scheduleFaults(world: World, plan: Prng, untilMs: number): void {
  const { heap } = world;
  let at = plan.exponential(2_500);
  while (at < untilMs) {
    const kind = plan.pick(kinds);
    const lastsMs = plan.exponential(3_000);
    heap.after(at, () => {
      world.note(`fault: ${kind} for ${lastsMs.toFixed(0)} ms`);
      faults[kind](world, lastsMs);
    });
    at += plan.exponential(2_500);
  }
}

export function scheduleAmnesia(world: World, plan: Prng, council: Council, untilMs: number): void {
  const victim = plan.pick(world.honest);
  world.heap.after(plan.between(2_000, untilMs), () => {
    // In its first two blocks a chain cannot tell a wiped validator from a new one: there it counts as
    // one of the f faults, so only later ones may lose more than their WAL.
    if (victim.chain.height >= 2 && council.canSpare(victim.index)) forget(world, victim);
  });
}

const faults = {
  crash(world: World, lastsMs: number) {
    const node = world.prng.pick(world.nodes);
    node.crash();
    world.heap.after(lastsMs, () => restart(world, node));
  },
  power(world: World, lastsMs: number) {
    world.powerLoss();
    for (const node of world.machines) {
      world.heap.after(lastsMs + world.prng.exponential(500), () => restart(world, node));
    }
  },
  broker(world: World, lastsMs: number) {
    world.setBroker(false);
    world.heap.after(lastsMs, () => world.setBroker(true));
  },
  partition(world: World, lastsMs: number) {
    const side = world.nodes.map(() => world.prng.chance(0.5));
    cut(world, lastsMs, (from, to) => side[from] === side[to]);
  },
  oneWay(world: World, lastsMs: number) {
    const deaf = world.prng.below(world.nodes.length);
    const mute = world.prng.below(world.nodes.length);
    cut(world, lastsMs, (from, to) => !(from === mute || to === deaf));
  },
  alone(world: World, lastsMs: number) {
    const alone = world.prng.below(world.nodes.length);
    cut(world, lastsMs, (from, to) => from === to || (from !== alone && to !== alone));
  },
  /** One clock is up to an hour wrong; at most f are ahead, or the chain itself would be. */
  clock(world: World, lastsMs: number) {
    const node = world.prng.pick(world.honest);
    const ahead = world.nodes.filter(({ clockSkewMs }) => clockSkewMs > 0).length;
    const skewMs = world.prng.between(0, HOUR_MS);
    node.clockSkewMs = ahead < world.faults && world.prng.chance(0.5) ? skewMs : -skewMs;
    world.stats.clockJumps++;
    world.heap.after(lastsMs, () => {
      node.clockSkewMs = 0;
    });
  },
  /** Full, or an error of the device: the node stops at the next record and comes back later. */
  disk(world: World, lastsMs: number) {
    const node = world.prng.pick(world.honest);
    node.disk.isFailing = true;
    world.heap.after(lastsMs, () => {
      node.disk.isFailing = false;
      restart(world, node);
    });
  },
} as const;

const kinds: readonly FaultKind[] = ["crash", ...(Object.keys(faults) as FaultKind[])];

function cut(world: World, lastsMs: number, canPass: World["canPass"]): void {
  world.stats.partitions++;
  world.canPass = canPass;
  world.heap.after(lastsMs, () => {
    if (world.canPass === canPass) world.canPass = () => true;
  });
}

function restart(world: World, node: SimNode): void {
  if (world.buried.has(node)) return;
  node.start();
  node.connect(world.brokerUp);
}

/** A card is replaced, or a bit rots: the log is gone or does not add up. */
function forget(world: World, node: SimNode): void {
  node.crash();
  world.note(`${node.name} forgets`);
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
