import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { verifyBundle } from "@gridledger/protocol/bundle/verify-bundle";
import { formatHex } from "@gridledger/protocol/hex";
import { encodeCertificateRecords } from "@gridledger/protocol/ledger/certificate-record";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { call } from "../hub/call.ts";
import { type Rig, startRig } from "../hub/rig.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { put } from "./put.ts";
import { packed } from "./support.ts";

const T0 = 1_750_000_000_000;
const bytes = Uint8Array.from({ length: 2_500 }, (_, i) => (i * 2_654_435_761) >>> 13);

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

/** An object of a device that was enrolled and certified after the genesis. */
async function certifiedObject() {
  const builder = new ChainBuilder();
  rig = await startRig(builder);
  const device = builder.newKey("gateway-9");
  const identity = {
    role: "device",
    publicKey: device.signer.publicKey,
    name: device.name,
  } as const;
  rig.carry(builder.add([builder.enrolment(identity)]));
  const records = encodeCertificateRecords([
    {
      action: "issued",
      identityId: Buffer.from(device.id, "hex"),
      certificateKey: new Uint8Array(32).fill(1),
      fingerprint: new Uint8Array(32).fill(2),
      reason: "unspecified",
    },
  ]);
  rig.carry(builder.add([builder.governance(builder.operator, kind.certificates, records)]));
  await rig.indexed(2);
  await put(rig, builder, packed(builder, device, bytes));
  const { json } = await call(rig, "/api/v1/objects/3.0/bundle");
  return { builder, device, bundle: json };
}

describe("an evidence bundle", () => {
  test("proves data, signer and standing with nothing but the genesis", async () => {
    const { builder, device, bundle } = await certifiedObject();
    const { proven, signer, object } = verifyBundle(
      builder.chain,
      JSON.parse(JSON.stringify(bundle)),
    );
    assert.equal(proven.height, 3);
    assert.equal(formatHex(proven.sender), device.id);
    assert.equal(signer.identity.name, "gateway-9");
    assert.deepEqual([signer.sinceHeight, signer.certified?.height], [1, 2]);
    assert.deepEqual(object?.spans, [{ from: 0, to: 2_500 }]);
    const one = (await call(rig!, "/api/v1/objects/3.0/bundle?chunk=1")).json;
    assert.deepEqual(verifyBundle(builder.chain, one).object?.spans, [{ from: 1_024, to: 2_048 }]);
  });

  test("with any field flipped is refused", async () => {
    const { builder, bundle } = await certifiedObject();
    const refusals = /^(PROOF_SHAPE|PROOF_INVALID|SEAL_INVALID|CHAIN_MISMATCH)$/;
    let flipped = 0;
    for (const path of leavesOf(bundle)) {
      for (const change of changesOf(at(bundle, path))) {
        const copy = structuredClone(bundle);
        at(copy, path.slice(0, -1))[path.at(-1)!] = change;
        assert.throws(
          () => verifyBundle(builder.chain, copy),
          (fault: { code?: string }) => refusals.test(fault.code ?? ""),
          path.join("."),
        );
        flipped++;
      }
    }
    assert.ok(flipped > 60, String(flipped));
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

function changesOf(value: unknown): Tree[] {
  if (typeof value === "number") return [value + 1] as unknown as Tree[];
  const text = String(value);
  const flip = (i: number) =>
    `${text.slice(0, i)}${text[i] === "1" ? "2" : "1"}${text.slice(i + 1)}` as unknown as Tree;
  return text === "" ? [] : [0, text.length >> 1, text.length - 1].map(flip);
}
