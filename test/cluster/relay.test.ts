import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FaultCode } from "@gridledger/protocol/faults";
import { type VoteType, votePreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { decodeCertificate } from "@gridledger/protocol/messages/certificate";
import { encodeCommit } from "@gridledger/protocol/messages/commit";
import { encodePrepare } from "@gridledger/protocol/messages/prepare";
import { VoteCollector } from "../../hub/src/relay/vote-collector.ts";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";
import { run } from "./run.ts";
import { chainId } from "./sim-node.ts";
import { type RelayHabit, relayHabits } from "./sim-relay.ts";
import { World } from "./world.ts";

/** n validators and 40 transactions, one every 400 ms. */
function busy(validators: number, habit: RelayHabit) {
  const world = new World({ seed: 5, validators });
  const relay = world.useRelay(habit);
  world.startAll();
  for (let i = 0; i < 40; i++) {
    world.submit();
    world.heap.runUntil(world.heap.nowMs + 400);
  }
  world.heap.runUntil(world.heap.nowMs + 20_000);
  assert.deepEqual(world.invariants.violations, []);
  const heights = world.nodes.map(({ chain }) => chain.height);
  assert.equal(new Set(heights).size, 1, "all at one height");
  assert.ok(world.nodes.every(({ chain }) => chain.pool.size === 0));
  return { world, relay, height: heights[0]! };
}

/** Consensus messages that arrive at validators, for each block. */
function deliveries(validators: number, habit: RelayHabit): number {
  const { world, height } = busy(validators, habit);
  return world.stats.delivered / height;
}

describe("a relay for more than seven validators", () => {
  it("gives everybody two certificates a block in place of everybody's votes", () => {
    const { relay, world, height } = busy(16, "honest");
    assert.ok(relay.certificates >= 2 * height, `${relay.certificates} for ${height} blocks`);
    assert.ok(world.nodes[0]!.chain.blocks.every(({ seal }) => seal.round === 0));
    assert.ok(relay.held < 16 * 4 * 8);
    assert.ok(deliveries(16, "honest") < deliveries(16, "dead") / 4);
  });

  it("is not asked among seven", () => {
    assert.equal(busy(7, "honest").relay.certificates, 0);
  });

  for (const habit of relayHabits) {
    it(`that is ${habit} costs time at most: everything is decided, in round 0`, () => {
      const { world } = busy(8, habit);
      const { blocks } = world.nodes[0]!.chain;
      const late = blocks.filter(({ seal }) => seal.round > 0).length;
      assert.ok(late <= 2, `${late} blocks in a later round`);
    });

    it(`that is ${habit} breaks nothing in bad weather either`, () => {
      for (let seed = 0; seed < 3; seed++) {
        const { violations } = run({ seed, validators: 8 + seed, relay: habit });
        assert.deepEqual(violations, [], `seed ${seed}`);
      }
    });
  }

  it("that died is left alone for longer and longer, and found again", () => {
    const { world } = busy(8, "dead");
    const relay = world.useRelay("honest");
    for (let i = 0; i < 200; i++) {
      world.submit();
      world.heap.runUntil(world.heap.nowMs + 400);
    }
    assert.ok(relay.certificates > 20, `${relay.certificates} certificates`);
  });
});

describe("the collector of votes", () => {
  const { validators, validatorsHash, publishers } = new World({ seed: 0, validators: 8 });
  const blockHash = new Uint8Array(32).fill(1);

  function collector(head = 4) {
    const set = { validators, hash: validatorsHash };
    const deps = { suite: fakeSuite, chainId, headHeight: () => head, setAt: () => set };
    return new VoteCollector(deps);
  }

  function vote(
    from: number,
    { height = 5, round = 0, type = voteType.prepare as VoteType, forged = false } = {},
  ): Uint8Array {
    const preimage = votePreimage(type, { chainId, validatorsHash, height, round }, blockHash);
    const signature = forged ? new Uint8Array(64) : fakeSigner(from).sign(preimage);
    const encode = type === voteType.prepare ? encodePrepare : encodeCommit;
    return encode({ height, round, from, blockHash, signature });
  }

  const refuses = (what: () => unknown, code: FaultCode) => assert.throws(what, { code });

  it("makes one certificate when a quorum is there, of a quorum of signatures", () => {
    const relay = collector();
    const made = validators.map((_, i) => relay.hear(publishers[i]!, vote(i), true));
    assert.deepEqual(
      made.map((bytes) => bytes !== undefined),
      [false, false, false, false, false, true, false, false],
    );
    const { type, height, seal } = decodeCertificate(made[5]!);
    assert.deepEqual([type, height, seal.signatures.length], [voteType.prepare, 5, 6]);
  });

  it("leaves out forged signatures, and takes the real vote after a forged one", () => {
    const relay = collector();
    relay.hear(publishers[0]!, vote(0, { forged: true }), true);
    for (let i = 1; i < 6; i++) assert.equal(relay.hear(publishers[i]!, vote(i), true), undefined);
    assert.ok(relay.hear(publishers[0]!, vote(0), true));
  });

  it("refuses who speaks for another, what is final or far ahead, what it holds, and garbage", () => {
    const relay = collector();
    refuses(() => relay.hear(publishers[1]!, vote(0), true), "VOTE_SENDER");
    refuses(() => relay.hear(publishers[0]!, vote(0, { height: 4 }), true), "VOTE_PLACE");
    refuses(() => relay.hear(publishers[0]!, vote(0, { height: 13 }), true), "VOTE_PLACE");
    relay.hear(publishers[0]!, vote(0), true);
    refuses(() => relay.hear(publishers[0]!, vote(0), true), "VOTE_REPEATED");
    refuses(() => relay.hear(publishers[0]!, Uint8Array.of(0x87, 1, 2), true), "CBOR_MALFORMED");
    assert.throws(() => relay.hear(publishers[0]!, new Uint8Array(0), true));
  });

  it("holds four votes of a validator and height, however many it sends", () => {
    const relay = collector();
    for (let round = 0; round < 1_000; round++)
      relay.hear(publishers[0]!, vote(0, { round }), true);
    for (let height = 5; height <= 12; height++)
      relay.hear(publishers[0]!, vote(0, { height }), true);
    assert.equal(relay.size, 4 + 7);
  });
});
