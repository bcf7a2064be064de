import assert from "node:assert/strict";
import { test } from "node:test";
import { international } from "@gridledger/protocol/crypto/international";
import { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { leafHash, MerkleTree, verifyPath } from "@gridledger/protocol/merkle/tree";
import fc from "fast-check";

const { hash } = international;
const bytes = (text: string) => Buffer.from(text);
const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");

/** RFC 6962 §2.1, as its text says it: split at the largest power of two below n. */
function rootByDefinition(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return hash();
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const left = rootByDefinition(leaves.slice(0, split));
  return hash(Uint8Array.of(1), left, rootByDefinition(leaves.slice(split)));
}

test("RFC 6962: roots of the reference tree of Certificate Transparency", () => {
  // Inputs and roots of the CT reference implementation's tree tests.
  const inputs = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ];
  const leaves = inputs.map((input) => leafHash(hash, Buffer.from(input, "hex")));
  assert.equal(
    hex(new MerkleTree(hash, []).root),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
  assert.equal(
    hex(new MerkleTree(hash, leaves.slice(0, 1)).root),
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  );
  assert.equal(
    hex(new MerkleTree(hash, leaves).root),
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  );
});

test("the tree has the root that RFC 6962 defines, and every leaf has a path, for 0 to 70 leaves", () => {
  for (let size = 0; size <= 70; size++) {
    const leaves = Array.from({ length: size }, (_, i) => leafHash(hash, bytes(`leaf ${i}`)));
    const tree = new MerkleTree(hash, leaves);
    assert.deepEqual(tree.root, rootByDefinition(leaves));
    for (const [index, leaf] of leaves.entries()) {
      assert.ok(verifyPath(hash, tree.root, { index, size }, leaf, tree.path(index)));
    }
  }
});

test("property: a path proves its own leaf at its own place in its own tree only", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), fc.nat(), (size, pick, other) => {
      const leaves = Array.from({ length: size }, (_, i) => leafHash(hash, bytes(`leaf ${i}`)));
      const tree = new MerkleTree(hash, leaves);
      const index = pick % size;
      const path = tree.path(index);
      const leaf = leaves[index]!;
      const wrongIndex = other % size;
      if (wrongIndex !== index) {
        assert.ok(!verifyPath(hash, tree.root, { index: wrongIndex, size }, leaf, path));
      }
      assert.ok(!verifyPath(hash, tree.root, { index, size }, leafHash(hash, bytes("x")), path));
      assert.ok(!verifyPath(hash, tree.root, { index, size }, leaf, [...path, leaf]));
      assert.ok(!verifyPath(hash, tree.root, { index: size, size }, leaf, path));
      if (path.length > 0) {
        assert.ok(!verifyPath(hash, tree.root, { index, size }, leaf, path.slice(1)));
      }
    }),
  );
});

test("property: the state tree holds what a map holds, and its root depends on the content alone", () => {
  const key = fc.string({ maxLength: 3 });
  const step = fc.tuple(key, fc.option(fc.string({ maxLength: 4 })));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let tree = new StateTree(hash);
      const map = new Map<string, string>();
      for (const [name, value] of steps) {
        tree = value === null ? tree.delete(bytes(name)) : tree.set(bytes(name), bytes(value));
        if (value === null) map.delete(name);
        else map.set(name, value);
      }
      for (const [name] of steps) {
        assert.equal(tree.get(bytes(name))?.toString(), map.get(name));
      }
      let rebuilt = new StateTree(hash);
      for (const [name, value] of [...map].reverse())
        rebuilt = rebuilt.set(bytes(name), bytes(value));
      assert.deepEqual(tree.root, rebuilt.root);
      const entries = [...tree.entries()].map(([k, v]) => [String(k), String(v)]);
      assert.deepEqual(new Map(entries as [string, string][]), map);
    }),
    { numRuns: 400 },
  );
});

test("a state tree is unchanged by what is done with the trees made from it", () => {
  const before = new StateTree(hash).set(bytes("a"), bytes("1"));
  const { root } = before;
  before.set(bytes("a"), bytes("2")).set(bytes("b"), bytes("3")).delete(bytes("a"));
  assert.deepEqual(before.root, root);
  assert.equal(before.get(bytes("a"))?.toString(), "1");
});
