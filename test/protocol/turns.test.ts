import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type MissedTurns,
  missedAfter,
  missedTurns,
  passedOver,
  proposerOrder,
} from "@gridledger/protocol/ledger/turns";
import { quorum, type Validator } from "@gridledger/protocol/ledger/validators";
import fc from "fast-check";

const validatorsOf = (n: number): Validator[] =>
  Array.from({ length: n }, (_, i) => ({ publicKey: new Uint8Array(33).fill(i), name: `v${i}` }));

/** The chain as it goes when some validators are off: each block by the first in the order that is on. */
function run(n: number, heights: number, isOn: (index: number, height: number) => boolean) {
  const validators = validatorsOf(n);
  let missed: readonly MissedTurns[] = [];
  const rounds: number[] = [];
  const proposers: number[] = [];
  for (let height = 1; height <= heights; height++) {
    const order = proposerOrder(n, height, passedOver(missed, validators, height));
    const round = order.findIndex((index) => isOn(index, height));
    const proposer = order[round]!;
    rounds.push(round);
    proposers.push(proposer);
    missed = missedAfter(missed, validators, { height, proposer, round });
  }
  return { rounds, proposers, missed, validators };
}

describe("turns", () => {
  it("go round while everybody proposes, and nothing is remembered", () => {
    const { proposers, missed } = run(4, 8, () => true);
    assert.deepEqual(proposers, [1, 2, 3, 0, 1, 2, 3, 0]);
    assert.deepEqual(missed, []);
  });

  it("of a validator that is off cost a round at pauses that double, up to 256 of its turns", () => {
    const { rounds } = run(4, 4_000, (index) => index !== 2);
    const lost = rounds.flatMap((round, i) => (round > 0 ? [i + 1] : []));
    assert.deepEqual(lost.slice(0, 4), [2, 22, 58, 126]);
    assert.ok(lost.length <= 10, `${lost.length} rounds lost`);
    assert.ok(lost.at(-1)! - lost.at(-2)! >= 1_024);
  });

  it("come back in full with the first block that the validator proposes", () => {
    const { proposers, missed } = run(4, 60, (index, height) => index !== 2 || height > 5);
    assert.deepEqual(missed, []);
    assert.ok(proposers.slice(22).filter((proposer) => proposer === 2).length >= 9);
  });

  it("leave a quorum that is never passed over, the latest misses first", () => {
    const arbitrary = fc.record({
      n: fc.integer({ min: 1, max: 16 }),
      turns: fc.array(fc.tuple(fc.nat(15), fc.nat(6)), { maxLength: 40 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ n, turns }) => {
        const validators = validatorsOf(n);
        let missed: readonly MissedTurns[] = [];
        for (const [i, [proposer, round]] of turns.entries()) {
          const height = i + 1;
          const last = passedOver(missed, validators, height);
          assert.ok(last.length <= n - quorum(n));
          const order = proposerOrder(n, height, last);
          assert.deepEqual(
            [...order].sort((a, b) => a - b),
            [...validators.keys()],
          );
          missed = missedAfter(missed, validators, { height, proposer: proposer % n, round });
          assert.deepEqual(missedTurns.decode(missedTurns.encode(missed)), missed);
        }
      }),
    );
  });

  it("say nothing about anybody when more were missed than a quorum can do without", () => {
    const validators = validatorsOf(4);
    assert.deepEqual(missedAfter([], validators, { height: 1, proposer: 3, round: 2 }), []);
    assert.equal(missedAfter([], validators, { height: 1, proposer: 2, round: 1 }).length, 1);
  });
});
