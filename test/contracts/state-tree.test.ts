import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sha256 } from "@gridledger/protocol/crypto/hashes";
import { verifyStatePath } from "@gridledger/protocol/merkle/state-path";
import { StateTree } from "@gridledger/protocol/merkle/state-tree";
import fc from "fast-check";

const { hash } = sha256;
const text = (value: string) => Buffer.from(value, "latin1");
const account = (n: number) => Buffer.concat([text("a/"), Buffer.alloc(20, n)]);
const slot = (n: number, at: number) =>
  Buffer.concat([text("s/"), Buffer.alloc(20, n), Buffer.alloc(32, at)]);

/** An account, a slot of one, or something else, set or deleted. */
const write = fc.record({
  place: fc.oneof(
    fc.record({ of: fc.nat(3), at: fc.option(fc.nat(9)) }),
    fc.record({ plain: fc.nat(20) }),
  ),
  value: fc.option(fc.uint8Array({ minLength: 1, maxLength: 4 }), { nil: undefined }),
});

interface Model {
  readonly plain: Map<string, Uint8Array>;
  readonly slots: Map<string, Uint8Array>;
}

function run(writes: readonly (typeof write extends fc.Arbitrary<infer T> ? T : never)[]) {
  let tree = new StateTree(hash);
  const model: Model = { plain: new Map(), slots: new Map() };
  for (const { place, value } of writes) {
    const isSlot = "of" in place && place.at !== null;
    const key =
      "plain" in place
        ? text(`p/${place.plain}`)
        : place.at === null
          ? account(place.of)
          : slot(place.of, place.at);
    const name = key.toString("latin1");
    if (isSlot && !model.plain.has(account(place.of).toString("latin1"))) continue;
    tree = value === undefined ? tree.delete(key) : tree.set(key, value);
    const map = isSlot ? model.slots : model.plain;
    if (value === undefined) map.delete(name);
    else map.set(name, value);
    if (value !== undefined || !("of" in place) || isSlot) continue;
    const prefix = slot(place.of, 0).toString("latin1").slice(0, 22);
    for (const held of model.slots.keys()) if (held.startsWith(prefix)) model.slots.delete(held);
  }
  return { tree, model };
}

describe("the state tree with storage of its own under accounts", () => {
  it("holds what was set, and its root depends on the content alone", () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), (writes) => {
        const { tree, model } = run(writes);
        let again = new StateTree(hash);
        for (const [name, value] of [...model.plain].reverse())
          again = again.set(text(name), value);
        for (const [name, value] of [...model.slots].reverse())
          again = again.set(text(name), value);
        assert.deepEqual(again.root, tree.root);
        for (const map of [model.plain, model.slots]) {
          for (const [name, value] of map) assert.deepEqual(tree.get(text(name)), value);
        }
        const entries = [...tree.entries()].map(([key]) => Buffer.from(key).toString("latin1"));
        assert.deepEqual(entries.sort(), [...model.plain.keys(), ...model.slots.keys()].sort());
      }),
      { numRuns: 150 },
    );
  });

  it("is rebuilt by its entries in their order", () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), (writes) => {
        const { tree } = run(writes);
        const entries = [...tree.entries()].map(([key, value]) => ({ key, value }));
        assert.deepEqual(new StateTree(hash).with(entries).root, tree.root);
      }),
      { numRuns: 50 },
    );
  });

  it("proves what is there and what is not, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(write, { minLength: 5, maxLength: 60 }), (writes) => {
        const { tree } = run(writes);
        for (let n = 0; n < 5; n++) {
          const key = account(n);
          const value = tree.get(key);
          const storage = tree.ownRoot(key);
          const ownRoot = storage.some((byte) => byte !== 0) ? storage : undefined;
          const path = tree.path(key);
          assert.ok(verifyStatePath(hash, tree.root, { key, value, ownRoot }, path));
          const wrong = value === undefined ? Uint8Array.of(1) : undefined;
          assert.ok(!verifyStatePath(hash, tree.root, { key, value: wrong, ownRoot }, path));
          for (let at = 0; at < 11; at++) {
            const place = slot(n, at);
            const claim = { key: Buffer.alloc(32, at), value: tree.get(place) };
            assert.ok(verifyStatePath(hash, storage, claim, tree.path(place)));
            const other = {
              ...claim,
              value: claim.value ? Uint8Array.of(9, 9, 9, 9, 9) : Uint8Array.of(7),
            };
            assert.ok(!verifyStatePath(hash, storage, other, tree.path(place)));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("hashes one contract's storage anew, and nobody else's, when a slot changes", () => {
    let hashes = 0;
    const counting = (...parts: Uint8Array[]) => {
      hashes++;
      return hash(...parts);
    };
    let tree = new StateTree(counting);
    for (let n = 0; n < 20; n++) {
      tree = tree.set(account(n), Uint8Array.of(1));
      for (let at = 0; at < 50; at++) tree = tree.set(slot(n, at), Uint8Array.of(at + 1));
    }
    assert.equal(tree.root.length, 32);
    hashes = 0;
    const changed = tree.set(slot(3, 7), Uint8Array.of(200));
    assert.equal(changed.root.length, 32);
    assert.ok(hashes < 40, `${hashes} hashes`);
  });
});
