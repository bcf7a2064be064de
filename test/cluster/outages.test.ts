import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeMessage } from "../../edge-node/src/consensus/poa/messages.ts";
import { mutants } from "./mutants.ts";
import type { SimChain } from "./sim-chain.ts";
import type { EngineMaker, Packet } from "./sim-node.ts";
import { World } from "./world.ts";

function cluster(validators = 4, engine?: EngineMaker): World {
  const world = new World({ seed: 1, validators, ...(engine === undefined ? {} : { engine }) });
  world.startAll();
  return world;
}

function runFor(world: World, ms: number): void {
  world.heap.runUntil(world.heap.nowMs + ms);
  assert.deepEqual(world.invariants.violations, []);
}

const heights = (world: World) => world.nodes.map(({ chain }) => chain.height);
const hashOf = ({ blocks: [first] }: SimChain) =>
  first === undefined ? "none" : formatHex(first.block.blockHash);
const typeOf = (packet: Packet) =>
  packet.type === "consensus" ? decodeMessage(packet.bytes)?.type : undefined;
const [PROPOSAL, PREPARE, COMMIT] = [1, 2, 3];

function restart(world: World, index: number): void {
  world.nodes[index]!.start();
  world.nodes[index]!.connect(true);
}

describe("a block in calm weather", () => {
  it("is decided by everybody in round 0 within a few messages' time", () => {
    const world = cluster();
    world.submit();
    runFor(world, 600);
    assert.deepEqual(heights(world), [1, 1, 1, 1]);
    assert.ok(world.nodes.every(({ chain }) => chain.blocks[0]!.seal.round === 0));
  });

  it("carries on from height to height, each transaction once", () => {
    const world = cluster();
    for (let i = 0; i < 40; i++) {
      world.submit();
      runFor(world, 250);
    }
    runFor(world, 3_000);
    const [chain] = world.nodes.map((node) => node.chain);
    const hashes = chain!.blocks.flatMap(({ block }) => block.txHashes.map(formatHex));
    assert.equal(hashes.length, 40);
    assert.equal(new Set(hashes).size, 40);
    assert.ok(chain!.height > 10);
  });

  it("waits for the minimum block interval", () => {
    const world = new World({ seed: 1, validators: 4, minIntervalMs: 5_000 });
    world.startAll();
    for (let i = 0; i < 20; i++) {
      world.submit();
      runFor(world, 1_000);
    }
    runFor(world, 10_000);
    const times = world.nodes[0]!.chain.blocks.map(({ block }) => block.header.timeMs);
    assert.ok(times.length >= 4);
    for (const [i, time] of times.entries()) if (i > 0) assert.ok(time - times[i - 1]! >= 5_000);
    assert.ok(world.nodes[0]!.chain.blocks.every(({ seal }) => seal.round === 0));
  });
});

describe("nothing to do", () => {
  it("is silent: no message and no timer for an hour", () => {
    const world = cluster();
    runFor(world, 3_600_000);
    assert.equal(world.stats.consensusSent, 0);
  });

  // besu#10917: followers' round timers ran out while the proposer waited for transactions.
  it("leaves everybody in round 0 for the transaction that comes late", () => {
    const world = cluster();
    runFor(world, 600_000);
    world.submit();
    runFor(world, 600);
    assert.deepEqual(heights(world), [1, 1, 1, 1]);
    assert.ok(world.nodes.every(({ chain }) => chain.blocks[0]!.seal.round === 0));
  });

  it("ends when only one validator knows the transaction", () => {
    const world = cluster();
    let isOpen = false;
    world.canPass = (_, __, packet) => isOpen || packet.type !== "transactions";
    world.nodes[0]!.submit(world.prng.bytes(24));
    runFor(world, 10_000);
    assert.deepEqual(heights(world), [0, 0, 0, 0]);
    isOpen = true;
    runFor(world, 20_000);
    assert.deepEqual(heights(world), [1, 1, 1, 1]);
  });
});

describe("a validator that is off", () => {
  /** Blocks in ten minutes of a transaction every 250 ms, and the longest wait for one after the first minute. */
  function tenMinutes(off: number | undefined) {
    const world = cluster();
    if (off !== undefined) world.nodes[off]!.crash();
    const times: number[] = [];
    for (let i = 0; i < 2_400; i++) {
      world.nodes[0]!.submit(world.prng.bytes(24));
      runFor(world, 250);
    }
    const { blocks } = world.nodes[0]!.chain;
    for (const { block } of blocks) times.push(block.header.timeMs);
    const late = times.filter((time) => time > 60_000);
    const gaps = late.slice(1).map((time, i) => time - late[i]!);
    return { blocks: blocks.length, gaps: gaps.filter((gap) => gap > 1_500).length };
  }

  it("costs less than a tenth of the blocks, and after the first minute four waits in ten", () => {
    const all = tenMinutes(undefined);
    const oneOff = tenMinutes(2);
    assert.equal(all.gaps, 0);
    assert.ok(oneOff.blocks > 0.9 * all.blocks, `${oneOff.blocks} of ${all.blocks}`);
    assert.ok(oneOff.gaps <= 4, `${oneOff.gaps} waits`);
  });

  it("proposes again when it is back", () => {
    const world = cluster();
    world.nodes[2]!.crash();
    for (let i = 0; i < 40; i++) {
      world.submit();
      runFor(world, 500);
    }
    restart(world, 2);
    for (let i = 0; i < 60; i++) {
      world.submit();
      runFor(world, 500);
    }
    const { blocks, missed } = world.nodes[0]!.chain;
    assert.ok(blocks.slice(-30).some(({ block }) => block.header.proposer === 2));
    assert.deepEqual(missed, []);
  });
});

describe("validators that stop", () => {
  it("one of four does not stop the chain; two do, and it resumes with the third", () => {
    const world = cluster();
    world.submit();
    runFor(world, 2_000);
    world.nodes[1]!.crash();
    for (let i = 0; i < 8; i++) {
      world.submit();
      runFor(world, 8_000);
    }
    const [height = 0] = heights(world);
    assert.ok(height >= 8, `only ${height} blocks with three validators`);
    world.nodes[2]!.crash();
    world.submit();
    runFor(world, 300_000);
    assert.equal(heights(world)[0], height);
    restart(world, 2);
    runFor(world, 30_000);
    assert.ok(heights(world)[0]! > height);
    restart(world, 1);
    runFor(world, 30_000);
    assert.equal(new Set(heights(world)).size, 1);
  });

  function aloneThenTogether(engine?: EngineMaker): World {
    const world = cluster(4, engine);
    for (const index of [0, 2, 3]) world.nodes[index]!.crash();
    world.nodes[1]!.submit(world.prng.bytes(24));
    world.heap.runUntil(240_000);
    restart(world, 2);
    restart(world, 3);
    world.heap.runUntil(300_000);
    return world;
  }

  it("come back to one who waited alone and did not run ahead of them", () => {
    assert.equal(aloneThenTogether().nodes[1]!.chain.height, 1);
  });

  it("would never meet one who did (mutant runs-ahead)", () => {
    const world = aloneThenTogether(mutants["runs-ahead"]!.engine);
    world.heap.runUntil(1_200_000);
    assert.equal(world.nodes[1]!.chain.height, 0);
  });

  function latecomer(engine?: EngineMaker): World {
    const world = cluster(4, engine);
    world.nodes[3]!.crash();
    // Round after round a quorum gathers, and every proposal is lost.
    world.canPass = (_, __, packet) => typeOf(packet) !== PROPOSAL;
    world.nodes[1]!.submit(world.prng.bytes(24));
    world.heap.runUntil(200_000);
    assert.ok(world.nodes[1]!.engine!.view.round >= 5);
    world.nodes[0]!.crash();
    restart(world, 3);
    world.canPass = () => true;
    world.heap.runUntil(340_000);
    return world;
  }

  it("jump to the round in which f+1 others are", () => {
    assert.equal(latecomer().nodes[1]!.chain.height, 1);
  });

  it("would follow for ever without the jump (mutant never-jumps)", () => {
    assert.equal(latecomer(mutants["never-jumps"]!.engine).nodes[1]!.chain.height, 0);
  });
});

describe("everybody loses power", () => {
  /** v0 alone sees the COMMITs and decides; then all go dark and v0 stays cut off. */
  function oneDecided(keepsWal: boolean): World {
    const world = new World({ seed: 3, validators: 4, flaws: { losesWal: !keepsWal } });
    world.startAll();
    world.canPass = (_, to, packet) =>
      !((typeOf(packet) === COMMIT || packet.type === "block") && to !== 0);
    world.nodes[0]!.submit(world.prng.bytes(24));
    runFor(world, 700);
    assert.deepEqual(heights(world), [1, 0, 0, 0]);
    world.powerLoss();
    world.canPass = (from, to) => from !== 0 && to !== 0;
    world.startAll();
    world.nodes[1]!.submit(world.prng.bytes(24));
    world.heap.runUntil(60_000);
    return world;
  }

  it("and the block that one validator decided is the one the others decide", () => {
    const world = oneDecided(true);
    assert.deepEqual(world.invariants.violations, []);
    const [hash, ...others] = world.nodes.map(({ chain }) => hashOf(chain));
    assert.deepEqual(new Set(others), new Set([hash]));
    world.canPass = () => true;
    runFor(world, 60_000);
    assert.equal(new Set(heights(world)).size, 1);
  });

  it("and would fork without the WAL (mutant no-wal)", () => {
    const world = oneDecided(false);
    const [hash, ...others] = world.nodes.map(({ chain }) => hashOf(chain));
    assert.ok(others.some((other) => other !== "none" && other !== hash));
    assert.ok(world.invariants.violations.some(({ invariant }) => invariant === "I1"));
  });

  it("in the middle of the votes, and the bodies of the prepared block are still there", () => {
    const world = cluster();
    world.canPass = (_, __, packet) => typeOf(packet) !== COMMIT;
    world.nodes[0]!.submit(world.prng.bytes(24));
    runFor(world, 700);
    world.powerLoss();
    world.canPass = () => true;
    world.startAll();
    // Nobody sends the transaction again: it lives in the logs alone.
    runFor(world, 20_000);
    assert.deepEqual(heights(world), [1, 1, 1, 1]);
  });

  it("after any record of any validator, and every prefix of a log is enough", () => {
    let records = 0;
    const counted = cluster();
    counted.crashRule = () => {
      records++;
      return "no";
    };
    const scenario = (world: World) => {
      for (let i = 0; i < 3; i++) {
        world.submit();
        world.heap.runUntil(world.heap.nowMs + 700);
      }
      world.heap.runUntil(world.heap.nowMs + 40_000);
    };
    scenario(counted);
    assert.ok(records >= 3 * 4 * 3);
    for (let stopAt = 1; stopAt <= records; stopAt++) {
      for (const [all, moment] of [
        [false, "after"],
        [true, "after"],
        [false, "during"],
        [true, "during"],
      ] as const) {
        const world = cluster();
        let seen = 0;
        world.crashRule = (node) => {
          seen++;
          if (seen !== stopAt) return "no";
          world.heap.after(50, () => {
            if (all) world.powerLoss();
          });
          world.heap.after(500, () => {
            if (all) world.startAll();
            else restart(world, node.index);
          });
          return moment;
        };
        scenario(world);
        assert.deepEqual(world.invariants.violations, [], `after record ${stopAt}`);
        assert.equal(new Set(heights(world)).size, 1, `after record ${stopAt}`);
        assert.ok(heights(world)[0]! >= 1);
      }
    }
  });
});

describe("the broker", () => {
  it("is away for ten minutes: nobody signs, nobody counts rounds, the block comes after", () => {
    const world = cluster();
    world.setBroker(false);
    world.nodes[0]!.submit(world.prng.bytes(24));
    runFor(world, 600_000);
    assert.equal(world.stats.consensusSent, 0);
    assert.deepEqual(
      world.nodes.map(({ engine }) => engine?.view.round),
      [0, 0, 0, 0],
    );
    world.setBroker(true);
    runFor(world, 15_000);
    assert.deepEqual(heights(world), [1, 1, 1, 1]);
  });

  it("loses every proposal of the first round: a prepared block is proposed again", () => {
    const world = cluster();
    world.canPass = (_, __, packet) => typeOf(packet) !== COMMIT;
    world.nodes[0]!.submit(world.prng.bytes(24));
    runFor(world, 1_900);
    world.canPass = () => true;
    runFor(world, 15_000);
    assert.deepEqual(heights(world), [1, 1, 1, 1]);
  });

  it("keeps PREPAREs from all but one, who alone is bound: the others take up its block", () => {
    const world = cluster();
    world.canPass = (_, to, packet) =>
      !(typeOf(packet) === PREPARE && to !== 2) && typeOf(packet) !== COMMIT;
    world.nodes[0]!.submit(world.prng.bytes(24));
    runFor(world, 1_800);
    world.canPass = () => true;
    runFor(world, 20_000);
    assert.deepEqual(heights(world), [1, 1, 1, 1]);
    assert.equal(world.nodes[0]!.chain.blocks[0]!.block.header.round, 0);
  });
});
