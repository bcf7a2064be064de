import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { verifyBundle } from "@gridledger/protocol/bundle/verify-bundle";
import { formatHex } from "@gridledger/protocol/hex";
import { call } from "../hub/call.ts";
import { type Rig, startRig } from "../hub/rig.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { CertifiedChain } from "./certified.ts";

const T0 = 1_750_000_000_000;
const bytes = Uint8Array.from({ length: 2_500 }, (_, i) => (i * 2_654_435_761) >>> 13);

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

/** An object of a certified device, with all that a bundle can hold of it. */
async function certifiedObject() {
  const chain = await new CertifiedChain().start();
  rig = chain.rig;
  const { key } = await chain.certified("gateway-9");
  await chain.put(key, bytes);
  return {
    chain,
    genesis: chain.builder.chain,
    key,
    bundle: await chain.bundle("objects/3.0/bundle"),
  };
}

/** What an added key is called. */
const STRANGE = "strange";

describe("an evidence bundle", () => {
  test("proves data, signer and standing with nothing but the genesis", async () => {
    const { chain, genesis, key, bundle } = await certifiedObject();
    const { proven, signer, object } = verifyBundle(genesis, bundle);
    assert.equal(proven.height, 3);
    assert.equal(formatHex(proven.sender), key.id);
    assert.equal(signer.identity.name, "gateway-9");
    assert.deepEqual([signer.sinceHeight, signer.certified?.height], [1, 2]);
    assert.deepEqual(object?.spans, [{ from: 0, to: 2_500 }]);
    const one = await chain.bundle("objects/3.0/bundle?chunk=1");
    assert.deepEqual(verifyBundle(genesis, one).object?.spans, [{ from: 1_024, to: 2_048 }]);
  });

  test("with any field flipped, left out or added is refused", async () => {
    const { genesis, bundle } = await certifiedObject();
    const refusals = /^(PROOF_SHAPE|PROOF_INVALID|SEAL_INVALID|CHAIN_MISMATCH)$/;
    const refused = (copy: unknown, what: string) =>
      assert.throws(
        () => verifyBundle(genesis, copy),
        (fault: { code?: string }) => refusals.test(fault.code ?? ""),
        what,
      );
    let flipped = 0;
    for (const path of leavesOf(bundle)) {
      for (const change of changesOf(at(bundle, path))) {
        const copy = structuredClone(bundle);
        at(copy, path.slice(0, -1))[path.at(-1)!] = change;
        refused(copy, path.join("."));
        flipped++;
      }
    }
    assert.ok(flipped > 100, String(flipped));
    for (const path of branchesOf(bundle)) {
      const copy = structuredClone(bundle);
      at(copy, path)[STRANGE] = {};
      refused(copy, `${path.join(".")} with one more`);
    }
  });

  test("of a reading names it, and says who signed", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const batch = builder.batch(builder.devices[0]!, { meter: "M1", timesMs: [T0, T0 + 1_000] });
    const { txHashes } = builder.add([batch]);
    rig.carry(builder.blocks[0]!);
    await rig.indexed(1);
    const hash = formatHex(txHashes[0]!);
    const path = `/api/v1/transactions/${hash}/bundle?meter=M1&timeMs=${T0}`;
    const { json } = await call(rig, path);
    const { proven, signer, object } = verifyBundle(builder.chain, json);
    assert.equal(proven.reading?.values[0]?.value, 1_000);
    assert.deepEqual([signer.sinceHeight, signer.identity.role, object], [0, "device", undefined]);
    const other = new ChainBuilder();
    assert.throws(() => verifyBundle(other.chain, json), { code: "CHAIN_MISMATCH" });
  });
});

type Tree = { [key: string]: Tree };

function at(tree: unknown, path: readonly string[]): Tree {
  return path.reduce<Tree>((inner, key) => inner[key]!, tree as Tree);
}

/** The path of every value that is no list and no object. */
function leavesOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [[...path]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

/** The path of every object. */
function branchesOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, one]) => branchesOf(one, [...path, key]));
  return Array.isArray(value) ? inner : [[...path], ...inner];
}

function changesOf(value: unknown): Tree[] {
  if (typeof value === "number") return [value + 1] as unknown as Tree[];
  const text = String(value);
  const flip = (i: number) =>
    `${text.slice(0, i)}${text[i] === "1" ? "2" : "1"}${text.slice(i + 1)}` as unknown as Tree;
  return text === "" ? [] : [0, text.length >> 1, text.length - 1].map(flip);
}
