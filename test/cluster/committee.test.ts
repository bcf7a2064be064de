import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { machineOf } from "./sim-membership.ts";
import { World } from "./world.ts";

const GATEWAYS = 100;
const EPOCH = 5;

function gateways(seed: number): World {
  const committee = { seats: 7, epochBlocks: EPOCH };
  const world = new World({ seed, validators: GATEWAYS, committee });
  world.startAll();
  return world;
}

function runFor(world: World, ms: number): void {
  world.heap.runUntil(world.heap.nowMs + ms);
  assert.deepEqual(world.invariants.violations, []);
}

/** Machines of the committee that seals next, as the chain of a node knows it. */
const membersOf = (world: World, node = 0) =>
  world.nodes[node]!.chain.set.validators.map(machineOf);

describe("a hundred gateways with a committee of seven", () => {
  it("all have the same chain, and a committee seals for its epoch only", () => {
    const world = gateways(1);
    const served = new Set<number>();
    for (let i = 0; i < 7 * EPOCH; i++) {
      for (const member of membersOf(world)) served.add(member);
      world.submit();
      runFor(world, 400);
    }
    runFor(world, 3_000);
    const heights = world.nodes.map(({ chain }) => chain.height);
    assert.ok(Math.min(...heights) >= 6 * EPOCH, `${Math.min(...heights)}`);
    assert.equal(new Set(heights).size, 1);
    // Six committees of seven out of a hundred.
    assert.ok(served.size > 25, `${served.size} served`);
    const { blocks } = world.nodes[0]!.chain;
    const sets = new Set(
      blocks.map(({ block }) => Buffer.from(block.header.validatorsHash).toString("hex")),
    );
    assert.ok(sets.size >= 6, `${sets.size} committees`);
    for (const { seal } of blocks) assert.ok(seal.signatures.length <= 7);
  });

  it("go on when two of the seven are switched off, and draw them less", () => {
    const world = gateways(2);
    for (let i = 0; i < 3 * EPOCH; i++) {
      const [first, second] = membersOf(world).filter((machine) => machine !== 0);
      if (i === 0) for (const machine of [first!, second!]) world.nodes[machine]!.crash();
      world.submit();
      runFor(world, 6_000);
    }
    const height = world.nodes[0]!.chain.height;
    assert.ok(height >= 2 * EPOCH, `height ${height}`);
  });

  it("costs what seven cost: every block has the votes of a committee, not of all", () => {
    const world = gateways(3);
    let votes = 0;
    world.tap = (_, packet) => {
      if (packet.type === "consensus") votes++;
    };
    for (let i = 0; i < 10; i++) {
      world.submit();
      runFor(world, 400);
    }
    const { height } = world.nodes[0]!.chain;
    assert.ok(height >= 8);
    // A proposal, seven PREPAREs, seven COMMITs and a DECIDE.
    assert.ok(votes / height < 20, `${votes / height} messages a block`);
  });
});
