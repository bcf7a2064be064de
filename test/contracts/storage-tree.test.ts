import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sha256 } from "@gridledger/protocol/crypto/hashes";
import { verifyStatePath } from "@gridledger/protocol/merkle/state-path";
import { StateTree } from "@gridledger/protocol/merkle/state-tree";
import fc from "fast-check";

const { hash } = sha256;
const NOTHING = new Uint8Array(32);
const account = Buffer.concat([Buffer.from("a/"), Buffer.alloc(20, 7)]);
const keyOf = (slot: Uint8Array) => Buffer.concat([Buffer.from("s/"), Buffer.alloc(20, 7), slot]);
const slotOf = (n: number) => {
  const slot = Buffer.alloc(32);
  slot.writeUInt32BE(n, 28);
  return slot;
};
const bit = (bytes: Uint8Array, at: number) => (bytes[at >> 3]! >> (7 - (at & 7))) & 1;

type Entry = readonly [slot: Uint8Array, value: Uint8Array];

/** The root as ADR 007 and 019 say it, one leaf a slot, with nothing clever. */
function plainRoot(entries: readonly Entry[], depth = 0): Uint8Array {
  const [only] = entries;
  if (only === undefined) return NOTHING;
  if (entries.length === 1) return hash(Uint8Array.of(2), hash(only[0]), hash(only[1]));
  const side = (wanted: number) => entries.filter(([slot]) => bit(hash(slot), depth) === wanted);
  return hash(Uint8Array.of(3), plainRoot(side(0), depth + 1), plainRoot(side(1), depth + 1));
}

const writes = fc.array(
  fc.record({
    slot: fc.nat(70),
    value: fc.option(fc.uint8Array({ minLength: 1, maxLength: 32 }), { nil: undefined, freq: 3 }),
  }),
  { maxLength: 250 },
);

describe("the storage of a contract in pages", () => {
  it("has the root of one leaf a slot, through growth and shrinking, and proves every slot", () => {
    const property = fc.property(writes, fc.nat(70), (list, last) => {
      let tree = new StateTree(hash).set(account, Uint8Array.of(1));
      const model = new Map<number, Uint8Array>();
      for (const { slot, value } of list) {
        const key = keyOf(slotOf(slot));
        tree = value === undefined ? tree.delete(key) : tree.set(key, value);
        if (value === undefined) model.delete(slot);
        else model.set(slot, value);
      }
      // All but a few go again.
      for (const slot of [...model.keys()].filter((n) => n % 71 > last)) {
        tree = tree.delete(keyOf(slotOf(slot)));
        model.delete(slot);
      }
      const entries = [...model].map(([slot, value]): Entry => [slotOf(slot), value]);
      const root = tree.ownRoot(account);
      assert.deepEqual(Buffer.from(root), Buffer.from(plainRoot(entries)));
      for (const slot of [0, 1, 2, last, ...model.keys()]) {
        const value = tree.get(keyOf(slotOf(slot)));
        assert.deepEqual(value, model.get(slot));
        const path = tree.path(keyOf(slotOf(slot)));
        assert.ok(verifyStatePath(hash, root, { key: slotOf(slot), value }, path));
      }
      const held = [...tree.entries()].slice(1).map(([key]) => Buffer.from(key).readUInt32BE(50));
      assert.deepEqual([...held].sort(), [...model.keys()].sort());
    });
    fc.assert(property, { numRuns: 60 });
  });

  it("leaves the tree before a write as it was", () => {
    let tree = new StateTree(hash).set(account, Uint8Array.of(1));
    for (let n = 0; n < 40; n++) tree = tree.set(keyOf(slotOf(n)), Uint8Array.of(n + 1));
    const root = Buffer.from(tree.root);
    const changed = tree.set(keyOf(slotOf(3)), Uint8Array.of(99)).delete(keyOf(slotOf(4)));
    assert.notDeepEqual(Buffer.from(changed.root), root);
    assert.deepEqual(tree.get(keyOf(slotOf(3))), Uint8Array.of(4));
    assert.deepEqual(Buffer.from(tree.root), root);
  });

  it("tells slots apart whose hashes begin alike", () => {
    // A hash that says little: eight equal bytes, then what differs late.
    const poor = (...parts: Uint8Array[]) => {
      const full = hash(...parts);
      return Buffer.concat([Buffer.alloc(9), full.subarray(0, 23)]);
    };
    const names = [5, 1, 9, 3, 7, 2, 8, 4, 6, 0, 11, 10, 12, 14, 13, 16, 15, 18, 17];
    const build = (order: readonly number[]) =>
      order.reduce(
        (tree, n) => tree.set(keyOf(slotOf(n)), Uint8Array.of(n + 1)),
        new StateTree(poor).set(account, Uint8Array.of(1)),
      );
    const tree = build(names);
    assert.deepEqual(tree.ownRoot(account), build([...names].reverse()).ownRoot(account));
    for (const n of names) assert.deepEqual(tree.get(keyOf(slotOf(n))), Uint8Array.of(n + 1));
  });

  it("takes words of 32 bytes and nothing longer", () => {
    const tree = new StateTree(hash).set(account, Uint8Array.of(1));
    assert.throws(() => tree.set(keyOf(slotOf(1)), new Uint8Array(33)));
  });
});
