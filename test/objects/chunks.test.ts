import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { international as suite } from "@gridledger/protocol/crypto/international";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { ChunkCutter, chunkLeaf, isChunkOf, saltOf } from "@gridledger/protocol/objects/chunks";
import {
  chunkCount,
  chunkSpan,
  decodeManifest,
  encodeManifest,
  type ObjectManifest,
} from "@gridledger/protocol/objects/manifest";
import fc from "fast-check";
import { ChainBuilder } from "../support/chain-builder.ts";
import { packed } from "./support.ts";

const builder = new ChainBuilder({ validators: 1 });
const by = builder.operator;
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => i * 7);

describe("an object's chunks", () => {
  test("are the same however the bytes come", () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 300 }), (given, chunkBytes) => {
        const whole = Buffer.concat(given);
        const cutter = new ChunkCutter(chunkBytes);
        const chunks = given.flatMap((piece) => cutter.push(piece));
        chunks.push(...cutter.finish(chunks.length));
        assert.deepEqual(Buffer.concat(chunks), whole);
        assert.equal(chunks.length, chunkCount({ sizeBytes: whole.length, chunkBytes }));
        for (const [i, chunk] of chunks.entries()) {
          const { from, to } = chunkSpan({ sizeBytes: whole.length, chunkBytes }, i);
          assert.equal(chunk.length, to - from);
        }
      }),
    );
  });

  test("prove themselves with their path, and nothing else does", () => {
    const { hash } = suite;
    const { manifest, secret, leaves, bytes } = packed(builder, by, bytesOf(4_500));
    const tree = new MerkleTree(hash, leaves);
    const chunk = (index: number) => {
      const { from, to } = chunkSpan(manifest, index);
      const salt = saltOf(hash, manifest.saltPolicy, secret, index);
      return { index, salt, bytes: bytes.slice(from, to), path: tree.path(index) };
    };
    for (let index = 0; index < 5; index++) assert.ok(isChunkOf(hash, manifest, chunk(index)));
    const good = chunk(2);
    const flipped = good.bytes.slice();
    flipped[0]! ^= 1;
    const wrong = [
      { ...good, bytes: flipped },
      { ...good, bytes: good.bytes.slice(1) },
      { ...good, index: 1 },
      { ...good, index: 5 },
      { ...good, salt: chunk(1).salt },
      { ...good, salt: new Uint8Array(0) },
      { ...good, path: chunk(1).path },
      { ...good, path: good.path.slice(1) },
    ];
    for (const one of wrong) assert.equal(isChunkOf(hash, manifest, one), false);
  });

  test("of few possible values are hidden by their salts", () => {
    const value = Buffer.from("on");
    const [first, second] = [1, 2].map(() => packed(builder, by, value));
    assert.notDeepEqual(first!.manifest.root, second!.manifest.root);
    assert.notDeepEqual(first!.leaves[0], chunkLeaf(suite.hash, new Uint8Array(0), value));
    const bare = packed(builder, by, value, { saltPolicy: "none" });
    assert.deepEqual(bare.leaves[0], chunkLeaf(suite.hash, new Uint8Array(0), value));
  });

  test("have salts that tell nothing of one another", () => {
    const secret = new Uint8Array(32).fill(9);
    const salts = Array.from({ length: 300 }, (_, i) => saltOf(suite.hash, "per-chunk", secret, i));
    assert.equal(new Set(salts.map((salt) => Buffer.from(salt).toString("hex"))).size, 300);
  });
});

describe("a manifest", () => {
  const { manifest } = packed(builder, by, bytesOf(2_000));

  test("reads back as it was written", () => {
    const plain = { ...manifest, root: new Uint8Array(manifest.root) };
    const read = decodeManifest(encodeManifest(manifest));
    assert.deepEqual({ ...read, root: new Uint8Array(read.root) }, plain);
    const empty = packed(builder, by, new Uint8Array(0)).manifest;
    assert.equal(chunkCount(decodeManifest(encodeManifest(empty))), 1);
  });

  test("that nobody could hold to is refused", () => {
    const wrong: Partial<ObjectManifest>[] = [
      { root: new Uint8Array(31) },
      { sizeBytes: 1.5 },
      { chunkBytes: 1_023 },
      { chunkBytes: 1_048_577 },
      { sizeBytes: 1_024 * 16_384 + 1 },
      { name: "" },
      { name: "a\nb" },
      { name: "x".repeat(129) },
      { mediaType: "text" },
      { mediaType: "text/html; charset=utf-8" },
      { retentionDays: -1 },
    ];
    for (const change of wrong) {
      assert.throws(() => encodeManifest({ ...manifest, ...change }), { code: "OBJECT_SHAPE" });
    }
  });
});
