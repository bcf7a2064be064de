import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { PowWorld } from "./pow-world.ts";

const split = (a: number, b: number): boolean => a < 2 === b < 2;

/** Submits now and then, so that there is always something to mine. */
function busy(world: PowWorld, seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    world.submit();
    world.run(1_000);
  }
}

function settle(world: PowWorld): void {
  world.canPass = () => true;
  world.loss = 0;
  for (const node of world.nodes) {
    node.skewMs = 0;
    if (!node.isUp) node.start();
  }
  world.run(120_000);
}

describe("pow among miners", () => {
  it("what is submitted becomes final everywhere, and then the chain rests", () => {
    const world = new PowWorld({ seed: 1 });
    busy(world, 20);
    world.run(60_000);
    assert.equal(world.lost, 0);
    assert.deepEqual(world.violations(), []);
    const heights = world.nodes.map(({ height }) => height);
    assert.ok(heights[0]! > 10);
    world.run(600_000);
    assert.deepEqual(
      world.nodes.map(({ height }) => height),
      heights,
      "idle is silent",
    );
  });

  it("two sides that mined apart agree again on the branch with more work", () => {
    const world = new PowWorld({ seed: 3, work: { finalityDepth: 12 } });
    busy(world, 6);
    world.canPass = split;
    busy(world, 8);
    const tips = new Set(
      world.nodes.map((node) => Buffer.from(node.engine.view.tip!).toString("hex")),
    );
    assert.ok(tips.size > 1, "the sides have different tips");
    const before = world.reorgs;
    settle(world);
    assert.ok(world.reorgs > before, "somebody changed its branch");
    assert.deepEqual(world.alarms, []);
    assert.equal(world.lost, 0, "what only the losing side held is final all the same");
    assert.deepEqual(world.violations(), []);
  });

  it("a stronger branch that was mined in secret wins while it is shallow", () => {
    const world = new PowWorld({ seed: 5, work: { finalityDepth: 20 } });
    busy(world, 4);
    world.canPass = (a, b) => (a === 0) === (b === 0);
    world.nodes[0]!.power = 8;
    busy(world, 6);
    const secret = world.nodes[0]!.engine.view.tip!;
    world.canPass = () => true;
    world.nodes[0]!.power = 0.05;
    busy(world, 3);
    const inChain = (node: (typeof world.nodes)[0]) => node.parts.branches.find(secret);
    for (const node of world.nodes) assert.ok(inChain(node), "everybody has the secret tip");
    settle(world);
    assert.deepEqual(world.violations(), []);
    assert.equal(world.lost, 0);
    const final = world.nodes[1]!.finals.map(({ block }) => block.blockHash);
    assert.ok(final.some((hash) => Buffer.compare(hash, secret) === 0));
  });

  it("a stronger branch that leaves below a final block is refused, and raises an alarm", () => {
    const world = new PowWorld({ seed: 9 });
    busy(world, 3);
    world.canPass = (a, b) => (a === 0) === (b === 0);
    world.nodes[0]!.power = 16;
    busy(world, 25);
    const before = world.nodes.map(({ height }) => height);
    assert.ok(
      before.every((height) => height > 3),
      "both sides have called blocks final",
    );
    const kept = world.nodes[1]!.finals.map(({ block }) => block.blockHash);
    world.canPass = () => true;
    busy(world, 20);
    assert.ok(world.alarms.length > 0 && world.alarms.length <= 4, "one alarm for a branch");
    assert.deepEqual([...new Set(world.alarms)], ["REORG_TOO_DEEP"]);
    assert.ok(world.rejected.includes("REORG_TOO_DEEP"));
    const now = world.nodes[1]!.finals.map(({ block }) => block.blockHash);
    assert.deepEqual(now.slice(0, kept.length), kept, "what was final stays final");
  });

  it("clocks that lie make no difference to what becomes final", () => {
    const world = new PowWorld({ seed: 9 });
    world.nodes[0]!.skewMs = 14_000;
    world.nodes[1]!.skewMs = -3_600_000;
    busy(world, 30);
    settle(world);
    assert.equal(world.lost, 0);
    assert.deepEqual(world.violations(), []);
  });

  it("blocks of a clock that is far ahead are refused by the others", () => {
    const world = new PowWorld({ seed: 10 });
    world.nodes[0]!.skewMs = 3_600_000;
    busy(world, 15);
    assert.ok(world.rejected.includes("WORK_TIME"));
    const ahead = world.chain.genesis.createdMs + world.heap.nowMs + 60_000;
    for (const { block } of world.nodes[1]!.finals) assert.ok(block.header.timeMs < ahead);
    assert.ok(world.nodes[1]!.height > 3);
  });

  it("after a loss of power everywhere the branches go on where they were", () => {
    const world = new PowWorld({ seed: 11, work: { finalityDepth: 12 } });
    busy(world, 8);
    const tip = world.nodes[2]!.engine.view.tip!;
    for (const node of world.nodes) node.crash();
    for (const node of world.nodes) node.start();
    assert.ok(world.nodes[2]!.parts.branches.find(tip), "the tip was in the log");
    settle(world);
    assert.equal(world.lost, 0);
    assert.deepEqual(world.violations(), []);
  });

  it("the difficulty follows the miners' power, and the time between blocks comes back", () => {
    const world = new PowWorld({ seed: 13, work: { firstDifficulty: 32 } });
    busy(world, 80);
    const { finals } = world.nodes[0]!;
    const times = finals.slice(-40).map(({ block }) => block.header.timeMs);
    const meanMs = (times.at(-1)! - times[0]!) / (times.length - 1);
    assert.ok(meanMs > 500 && meanMs < 1_800, `${meanMs} ms between blocks`);
  });

  it("the same seed gives the same chain", () => {
    const heads = [1, 2].map(() => {
      const world = new PowWorld({ seed: 21 });
      busy(world, 10);
      return Buffer.from(world.nodes[0]!.parts.ledger.head.hash).toString("hex");
    });
    assert.equal(heads[0], heads[1]);
  });

  it("whatever the weather, all have one final chain, and nothing is lost or final twice", () => {
    const seeds = Number(process.env.POW_SEEDS ?? 8);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
        const world = new PowWorld({ seed, work: { finalityDepth: 12 } });
        const { prng } = world;
        world.meanDelayMs = prng.between(5, 200);
        world.loss = prng.between(0, 0.2);
        for (let phase = 0; phase < 4; phase++) {
          const cut = prng.below(4);
          world.canPass = prng.chance(0.4) ? (a, b) => a <= cut === b <= cut : () => true;
          for (const node of world.nodes) {
            node.skewMs = prng.between(-20_000, 10_000);
            if (node.isUp && prng.chance(0.2)) node.crash();
            else if (!node.isUp) node.start();
          }
          busy(world, 1 + prng.below(3));
        }
        settle(world);
        assert.deepEqual(world.alarms, []);
        assert.deepEqual(world.violations(), []);
        assert.equal(world.lost, 0);
        const heads = world.nodes.map(({ parts }) => Buffer.from(parts.ledger.head.hash));
        assert.ok(heads.every((hash) => hash.equals(heads[0]!)));
      }),
      { numRuns: seeds },
    );
  });
});
