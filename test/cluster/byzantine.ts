import { statementPreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { encodeRoundChange, type RoundChange } from "@gridledger/protocol/messages/round-change";
import { fakeSigner } from "./fake-suite.ts";
import { usurp, voteLate } from "./misdeeds.ts";
import type { Prng } from "./prng.ts";
import { machineOf } from "./sim-membership.ts";
import { chainId, type Packet, type SimNode } from "./sim-node.ts";
import type { World } from "./world.ts";

const habits = [
  ...(["twin", "twin", "silent", "liar", "forger", "lying disk"] as const),
  ...(["usurper", "late voter"] as const),
];
type Habit = (typeof habits)[number];
const SHUFFLE_MS = 3_000;

/** Makes at most `most` of the genesis' validators byzantine; returns how many. */
export function chooseByzantine(world: World, plan: Prng, most: number): number {
  const count = plan.below(most + 1);
  const members = world.validators.map(machineOf);
  const chosen = members.sort(() => plan.unit() - 0.5).slice(0, count);
  world.corrupt(chosen);
  const habitOf = new Map<number, Habit>(chosen.map((index) => [index, plan.pick(habits)]));
  for (const [index, habit] of habitOf) {
    world.note(`v${index} is byzantine: ${habit}`);
    if (habit === "twin") world.addTwin(index);
    if (habit === "lying disk") world.withDisk(index, { forgetsSynced: true });
  }
  const audience = new Audience(world);
  world.distort = (from, to, packet) => {
    const habit = habitOf.get(from.index);
    if (packet.type === "block") return habit === "forger" ? forge(world, packet) : [packet];
    if (packet.type !== "consensus") return [packet];
    if (habit === "silent") return world.prng.chance(0.9) ? [] : [packet];
    if (habit === "liar") return lie(world, from, packet);
    if (habit === "usurper") return usurp(world, from, packet);
    if (habit === "late voter") return voteLate(world, from, packet);
    return habit === "twin" ? audience.split(from, to, packet) : [packet];
  };
  return count;
}

/** Which of two twins each validator hears; changes every few seconds. */
class Audience {
  readonly #world: World;
  #hears = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    const shuffle = () => {
      this.#hears = new Map();
      world.heap.after(SHUFFLE_MS, shuffle);
    };
    shuffle();
  }

  split(from: SimNode, to: number, packet: Packet): Packet[] {
    const { prng, stats, twins } = this.#world;
    const key = `${from.index}/${to}`;
    if (!this.#hears.has(key)) this.#hears.set(key, prng.below(3));
    const hears = this.#hears.get(key);
    if (hears === 2) return [packet];
    if ((hears === 0) === twins.includes(from)) return [];
    stats.equivocations++;
    return [packet];
  }
}

/** Answers those who are behind with a block of its own, under the seal of another. */
function forge({ prng, stats }: World, packet: Extract<Packet, { type: "block" }>): Packet[] {
  if (prng.chance(0.5)) return [packet];
  stats.forged++;
  const { final } = packet;
  const [first, ...others] = final.seal.signatures;
  if (first === undefined || prng.chance(0.5)) {
    const blockHash = prng.bytes(32);
    return [{ ...packet, final: { ...final, block: { ...final.block, blockHash } } }];
  }
  const signature = Uint8Array.from(first.signature);
  signature[prng.below(signature.length)]! ^= 1 << prng.below(8);
  const seal = { ...final.seal, signatures: [{ ...first, signature }, ...others] };
  return [{ ...packet, final: { ...final, seal } }];
}

/** Changed bytes, and round changes to the end of time. */
function lie(
  world: World,
  from: SimNode,
  packet: Extract<Packet, { type: "consensus" }>,
): Packet[] {
  const { prng, stats } = world;
  if (prng.chance(0.3)) {
    const bytes = Uint8Array.from(packet.bytes);
    bytes[prng.below(bytes.length)]! ^= 1 << prng.below(8);
    stats.forged++;
    return [{ ...packet, bytes }];
  }
  const validator = from.validator;
  if (validator < 0 || !prng.chance(0.1)) return [packet];
  const height = from.chain.height + 1;
  const round = prng.pick([1, 2, 3, 4_000_000_000]);
  const message: RoundChange = {
    height,
    round,
    from: validator,
    prepared: null,
    block: null,
    signature: signRoundChange(from, height, round),
  };
  stats.forged++;
  return [packet, { ...packet, bytes: encodeRoundChange(message) }];
}

function signRoundChange(from: SimNode, height: number, round: number): Uint8Array {
  const { hash: validatorsHash } = from.chain.set;
  const statement = { type: voteType.roundChange, round, prepared: null };
  return fakeSigner(from.index).sign(
    statementPreimage({ chainId, validatorsHash, height }, statement),
  );
}
