import type { Packet, SimNode } from "../cluster/sim-node.ts";
import { World } from "../cluster/world.ts";
import { type Figure, figure, percentile } from "./figure.ts";

const SIZES = [4, 7, 16, 32];
const ROUND_TRIPS_MS = [5, 50, 200];
/** Fewer where each takes thousands of messages. */
const blocksOf = (validators: number) => (validators > 16 ? 40 : validators > 7 ? 80 : 200);
/** One transaction at a time, so that no block waits for another. */
const PAUSE_MS = 300;
/** MQTT: fixed header, topic of a consensus lane, its length. */
const MQTT_BYTES = 4 + 2 + 31;

interface Measured {
  readonly latenciesMs: readonly number[];
  /** Of consensus, in and out of one validator, for one block. */
  readonly wireBytesPerBlock: number;
}

/**
 * The production kernel on virtual time. Every message takes half a round trip with a tenth of jitter,
 * a record 0.5 to 8 ms on the disk and now and then 300; the latency is from a transaction's arrival at
 * one validator until every one that is on has stored its block, less the time the policy waits.
 */
function measure(validators: number, roundTripMs: number, off: number): Measured {
  const world = new World({ seed: 1, validators, baseTimeoutMs: Math.max(2_000, 8 * roundTripMs) });
  world.link = (prng) => (roundTripMs / 2) * (1 + 0.1 * prng.unit());
  let wireBytes = 0;
  world.tap = (_from: SimNode, packet: Packet) => {
    if (packet.type !== "consensus") return;
    // Out of the sender once, and into each of the others where it is not for the relay alone.
    const copies = packet.lane === "q" ? 1 : validators;
    wireBytes += (packet.bytes.length + MQTT_BYTES) * copies;
  };
  if (validators > 7) world.useRelay("honest");
  world.startAll();
  for (let index = 1; index <= off; index++) world.nodes[index]!.crash();
  const present = world.nodes.filter(({ isUp }) => isUp);
  const latenciesMs: number[] = [];
  const blocks = blocksOf(validators);
  for (let i = 0; i < blocks; i++) {
    present[i % present.length]!.submit(world.prng.bytes(24));
    const startMs = world.heap.nowMs;
    const height = present[0]!.chain.height;
    const isDone = () => present.every(({ chain }) => chain.height > height);
    world.heap.runUntil(startMs + 120_000, isDone);
    latenciesMs.push(world.heap.nowMs - startMs - BATCH_MS);
    world.heap.runUntil(world.heap.nowMs + PAUSE_MS);
  }
  const relayed = world.relayedBytes + world.stats.relayed * MQTT_BYTES;
  return { latenciesMs, wireBytesPerBlock: (wireBytes + relayed) / validators / blocks };
}

/** How long the simulated block policy waits for company. */
const BATCH_MS = 150;

/** Finality latency and bytes by size of the set and distance; with one validator off as well. */
export function measureConsensus(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const validators of SIZES) {
    for (const roundTripMs of ROUND_TRIPS_MS) {
      for (const off of validators <= 7 ? [0, 1] : [0]) {
        const { latenciesMs, wireBytesPerBlock } = measure(validators, roundTripMs, off);
        const name = `n${validators}_rtt${roundTripMs}${off === 0 ? "" : "_one_off"}`;
        figures.push(figure(`${name}_p50`, percentile(latenciesMs, 0.5), "ms"));
        figures.push(figure(`${name}_p99`, percentile(latenciesMs, 0.99), "ms"));
        if (off === 0) figures.push(figure(`${name}_wire`, wireBytesPerBlock, "B/block"));
      }
    }
  }
  return Promise.resolve(figures);
}
