import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Holder, mayHold, placementOrder } from "@gridledger/protocol/copies/placement";
import { international as suite } from "@gridledger/protocol/crypto/international";
import fc from "fast-check";

const GIB = 2 ** 30;
const node = (number: number, capacityBytes = GIB): Holder => {
  return { id: new Uint8Array(10).fill(number), name: "", capacityBytes, isStore: false };
};
const root = (number: number) => suite.hash(Uint8Array.of(number >> 8, number & 0xff));
const firstTwo = (number: number, holders: readonly Holder[]) =>
  placementOrder(suite.hash, root(number), holders).slice(0, 2);

describe("where copies belong", () => {
  test("everybody finds the same, whatever order they know the holders in", () => {
    const holders = [1, 2, 3, 4, 5].map((number) => node(number));
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.shuffledSubarray(holders, { minLength: 5 }),
        (number, mixed) => {
          assert.deepEqual(firstTwo(number, mixed), firstTwo(number, holders));
        },
      ),
      { numRuns: 50 },
    );
  });

  test("one that leaves moves only what it held, one that comes only what it takes", () => {
    const five = [1, 2, 3, 4, 5].map((number) => node(number));
    const four = five.slice(0, 4);
    for (let number = 0; number < 300; number++) {
      const before = firstTwo(number, five);
      const after = firstTwo(number, four);
      const stayed = before.filter((holder) => holder !== five[4]);
      assert.ok(stayed.every((holder) => after.includes(holder)));
    }
  });

  test("who declares three times as much is first three times as often", () => {
    const holders = [node(1, 3 * GIB), node(2, GIB)];
    let first = 0;
    for (let number = 0; number < 4_000; number++) {
      if (firstTwo(number, holders)[0] === holders[0]) first++;
    }
    assert.ok(Math.abs(first / 4_000 - 0.75) < 0.03, `${first} of 4,000`);
  });

  test("what is confidential stays in the stores of its hub", () => {
    assert.equal(mayHold("confidential", node(1)), false);
    assert.equal(mayHold("internal", node(1)), true);
    assert.equal(mayHold("confidential", { ...node(1), name: "archive", isStore: true }), true);
  });
});
