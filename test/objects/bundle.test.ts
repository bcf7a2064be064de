import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { verifyBundle } from "@gridledger/protocol/bundle/verify-bundle";
import { formatHex } from "@gridledger/protocol/hex";
import { call } from "../hub/call.ts";
import { type Rig, startRig } from "../hub/rig.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { CertifiedChain } from "./certified.ts";
import { forgeriesOf } from "./forgeries.ts";

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

  test("with any field flipped or added is refused", async () => {
    const { genesis, bundle } = await certifiedObject();
    const refusals = /^(PROOF_SHAPE|PROOF_INVALID|SEAL_INVALID|CHAIN_MISMATCH)$/;
    const forgeries = forgeriesOf(bundle, 9);
    assert.ok(forgeries.length > 250, String(forgeries.length));
    for (const { what, forged } of forgeries) {
      assert.throws(
        () => verifyBundle(genesis, forged()),
        (fault: { code?: string }) => refusals.test(fault.code ?? ""),
        what,
      );
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
