import assert from "node:assert/strict";
import { test } from "node:test";
import { international } from "@gridledger/protocol/crypto/international";
import { Fault } from "@gridledger/protocol/faults";
import { isStatePart, rootOfParts, stateParts } from "@gridledger/protocol/merkle/state-parts";
import { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { decodeGetSnapshot, encodeGetSnapshot } from "@gridledger/protocol/messages/get-snapshot";
import { decodeSnapshot, encodeSnapshot } from "@gridledger/protocol/messages/snapshot";
import fc from "fast-check";

const { hash } = international;
const entries = fc.uniqueArray(
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 6 }), fc.uint8Array({ maxLength: 5 })),
  { maxLength: 60, selector: ([key]) => Buffer.from(key).toString("hex") },
);
const depths = fc.integer({ min: 0, max: 6 });

function treeOf(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): StateTree {
  return pairs.reduce((tree, [key, value]) => tree.set(key, value), new StateTree(hash));
}

test("property: the parts of a tree lead to its root, and each holds its own entries", () => {
  fc.assert(
    fc.property(entries, depths, (pairs, depth) => {
      const tree = treeOf(pairs);
      const parts = stateParts(tree, depth);
      assert.deepEqual(rootOfParts(hash, parts), tree.root);
      let total = 0;
      for (const [index, part] of parts.entries()) {
        const own = [...tree.below(depth, index).entries()];
        total += own.length;
        assert.ok(isStatePart(hash, { depth, index }, part, own));
      }
      assert.equal(total, pairs.length);
    }),
    { numRuns: 300 },
  );
});

test("property: a part with an entry changed, added, missing or repeated is refused", () => {
  const all = fc.tuple(entries, fc.integer({ min: 0, max: 4 }), fc.nat(), fc.nat(3));
  fc.assert(
    fc.property(all, ([pairs, depth, at, how]) => {
      const tree = treeOf(pairs);
      const index = at % 2 ** depth;
      const part = stateParts(tree, depth)[index]!;
      const own = [...tree.below(depth, index).entries()];
      const [key, value] = own[at % Math.max(1, own.length)] ?? [undefined, undefined];
      if (key === undefined && how !== 1) return;
      const lies = [
        () =>
          own.map((entry) => (entry[0] === key ? ([key, Buffer.from("other!")] as const) : entry)),
        () => [...own, [Buffer.from("a key that is not there"), Buffer.of(1)] as const],
        () => own.filter((entry) => entry[0] !== key),
        () => [...own, [key!, value!] as const],
      ];
      assert.ok(!isStatePart(hash, { depth, index }, part, lies[how]!()));
    }),
    { numRuns: 500 },
  );
});

test("snapshot messages are read back, and cut at any byte they are refused", () => {
  const tree = treeOf([1, 2, 3, 4, 5].map((i) => [Buffer.of(i), Buffer.of(i, i)]));
  const outline = {
    form: "outline" as const,
    encodedHeader: Buffer.from("header"),
    seal: { round: 1, signatures: [{ signer: 2, signature: Buffer.alloc(64, 3) }] },
    handovers: [],
    depth: 2,
    parts: stateParts(tree, 2),
  };
  const part = { form: "part" as const, height: 7, index: 3, entries: [...tree.entries()] };
  for (const snapshot of [outline, part]) {
    const encoded = encodeSnapshot(snapshot);
    assert.deepEqual(encodeSnapshot(decodeSnapshot(encoded)), encoded);
    for (let length = 0; length < encoded.length; length++) {
      assert.throws(() => decodeSnapshot(encoded.subarray(0, length)), Fault);
    }
  }
  const question = { height: 9, depth: 4, index: 11 };
  assert.deepEqual(decodeGetSnapshot(encodeGetSnapshot(question)), question);
});

test("property: no bytes make the decoders throw anything but a fault", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(16, 17), (tail, type) => {
      for (const bytes of [tail, Uint8Array.of(0x88, 1, type, ...tail)]) {
        for (const decode of [decodeSnapshot, decodeGetSnapshot]) {
          try {
            decode(bytes);
          } catch (thrown) {
            assert.ok(thrown instanceof Fault);
          }
        }
      }
    }),
    { numRuns: 5_000 },
  );
});
