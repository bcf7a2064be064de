import { quorum } from "@gridledger/protocol/ledger/validators";
import { voteType } from "@gridledger/protocol/ledger/vote";
import type { Prng } from "./prng.ts";
import type { Packet, SimNode } from "./sim-node.ts";
import type { World } from "./world.ts";

/** Three times the longest round: what it may take until all is decided once the weather is good. */
const LIVENESS_MS = 180_000;
/** Without a validator to spare, a round of every dead proposer comes on top. */
const CORE_LIVENESS_MS = 300_000;
const STALL_MS = 240_000;
const STORM_MS = 700_000;
/** Idle means not a word for this long; the longest round with its retransmissions is as long. */
const SILENT_MS = 70_000;
const MAX_WINDOWS = 8;

type IsBroken = () => boolean;

/** Honest validators that may be off for good while the others still have to go on. */
function spareCount(world: World): number {
  const { members, forgetful } = world.invariants;
  const faulty = members.filter((member) => {
    const node = world.nodes[member]!;
    return !node.isHonest || forgetful.has(node);
  });
  return members.length - quorum(members.length) - faulty.length;
}

function honestMembers(world: World): SimNode[] {
  const { members, forgetful } = world.invariants;
  return members.map((m) => world.nodes[m]!).filter((n) => n.isHonest && !forgetful.has(n));
}

/** Minutes of trouble; returns those who lived through it and must be there after. */
export function besiege(world: World, plan: Prng): readonly SimNode[] {
  world.calm();
  world.startAll();
  world.submit();
  const shuffled = honestMembers(world).sort(() => plan.unit() - 0.5);
  return plan.chance(0.5) ? stall(world, plan, shuffled) : storm(world, plan, shuffled);
}

/** There is no quorum: those who are left wait, and must not run away from the others. */
function stall(world: World, plan: Prng, shuffled: readonly SimNode[]): readonly SimNode[] {
  const needed = quorum(world.invariants.members.length);
  const left = shuffled.slice(0, 1 + plan.below(needed - 1));
  const gone = shuffled.filter((node) => !left.includes(node));
  world.note(`a stall: only ${left.map(({ name }) => name).join(" ")} are on`);
  for (const node of gone) node.crash();
  for (const node of left) node.submit(world.prng.bytes(24));
  world.heap.runUntil(world.heap.nowMs + STALL_MS);
  return left;
}

/** A quorum goes from round to round because proposals are lost; who was off has to catch up. */
function storm(world: World, plan: Prng, shuffled: readonly SimNode[]): readonly SimNode[] {
  const gone = shuffled.slice(0, Math.min(spareCount(world), 1 + plan.below(2)));
  world.stats.storms++;
  world.note(`a storm: proposals are lost, ${gone.map(({ name }) => name).join(" ")} are off`);
  for (const node of gone) node.crash();
  world.canPass = (_from: number, _to: number, packet: Packet) =>
    !(packet.type === "consensus" && packet.bytes[2] === voteType.proposal);
  for (const node of shuffled) node.submit(world.prng.bytes(24));
  world.heap.runUntil(world.heap.nowMs + STORM_MS);
  return gone;
}

/** With no validator more than the quorum needs: everything waiting is decided (I12). */
export function finishWithCore(
  world: World,
  plan: Prng,
  wanted: readonly SimNode[],
  isBroken: IsBroken,
): void {
  const others = honestMembers(world).filter((node) => !wanted.includes(node));
  const spare = Math.min(spareCount(world), others.length);
  if (spare <= 0) return;
  const shuffled = others.sort(() => plan.unit() - 0.5);
  for (const node of shuffled.slice(0, spare)) world.bury(node);
  world.stats.cores++;
  world.note(`off for good: ${[...world.buried].map(({ name }) => name).join(" ")}`);
  world.startAll();
  world.submit();
  settle(world, CORE_LIVENESS_MS, "with no validator to spare", isBroken);
  world.buried.clear();
}

/** After the global stabilisation time: everything waiting is decided (I12), then silence (I13). */
export function finish(world: World, isBroken: IsBroken): void {
  world.startAll();
  const calmAtMs = world.heap.nowMs;
  if (!settle(world, LIVENESS_MS, "with everybody there", isBroken)) return;
  world.stats.recoveryMs = world.heap.nowMs - calmAtMs;
  // One more transaction, now that everybody is healthy, must take no more than a few rounds.
  const before = Math.max(...world.honest.map(({ chain }) => chain.height));
  world.submit();
  if (!settle(world, LIVENESS_MS, "in calm weather", isBroken)) return;
  if (Math.min(...world.honest.map(({ chain }) => chain.height)) <= before) {
    world.invariants.fail("I12", "a transaction in calm weather is not decided");
    return;
  }
  beSilent(world, isBroken);
}

function beSilent(world: World, isBroken: IsBroken): void {
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

/** Waits until nothing waits any more; false, and a violation, when that takes too long. */
function settle(world: World, withinMs: number, when: string, isBroken: IsBroken): boolean {
  const deadline = world.heap.nowMs + withinMs;
  const present = world.honest.filter((node) => !world.buried.has(node));
  while (!isQuiet(present) && world.heap.nowMs < deadline) {
    passSecond(world, present, isBroken);
    if (isBroken()) return false;
  }
  if (isQuiet(present)) return true;
  const heads = present.map(({ name, chain }) => `${name} ${chain.height}+${chain.pool.size}`);
  world.invariants.fail("I12", `${when}, after ${withinMs} ms: ${heads.join(", ")}`);
  return false;
}

/** A new validator that missed the first blocks looks like a wiped one; the operator knows better. */
function passSecond(world: World, present: readonly SimNode[], isBroken: IsBroken): void {
  for (const node of present) if (!world.invariants.forgetful.has(node)) node.release();
  world.heap.runUntil(world.heap.nowMs + 1_000, isBroken);
}

function isQuiet(present: readonly SimNode[]): boolean {
  const height = present[0]?.chain.height;
  return present.every(
    ({ chain, isUp }) => isUp && chain.height === height && chain.pool.size === 0,
  );
}
