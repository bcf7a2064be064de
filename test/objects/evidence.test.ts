import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { verifyBundle } from "@gridledger/protocol/bundle/verify-bundle";
import { CertifiedChain, hashOf } from "./certified.ts";

const T0 = 1_750_000_000_000;
let chain: CertifiedChain | undefined;
afterEach(async () => {
  await chain?.rig.stop();
  chain = undefined;
});

async function certified(suite?: string) {
  chain = await new CertifiedChain(suite).start();
  const { key, certificate } = await chain.certified("gateway-9");
  const batch = chain.builder.batch(key, { meter: "M1", timesMs: [T0, T0 + 900_000] });
  await chain.add([batch]);
  const path = `transactions/${hashOf(batch, chain)}/bundle?meter=M1&timeMs=${T0}`;
  return { chain, key, certificate, path, genesis: chain.builder.chain };
}

describe("evidence of a certified device", () => {
  for (const suite of ["international", "sm"]) {
    test(`holds its certificate and that it was not revoked, ${suite}`, async () => {
      const { chain, path, genesis } = await certified(suite);
      await chain.add([]);
      const { proven, signer } = verifyBundle(genesis, await chain.bundle(path));
      assert.equal(proven.height, 3);
      assert.deepEqual([signer.certified?.height, signer.certified?.isShown], [2, true]);
      assert.equal(signer.certified?.content?.notAfterMs, chain.consortium.device.notAfterMs);
      assert.deepEqual([signer.revoked, signer.shownUpTo?.height], [undefined, 4]);
    });
  }

  test("holds after its revocation what it signed before, and says from which block on", async () => {
    const { chain, key, certificate, path, genesis } = await certified();
    await chain.revoke(key, certificate);
    const { signer } = verifyBundle(genesis, await chain.bundle(path));
    assert.deepEqual(signer.revoked, { height: 4, reason: "keyCompromise" });
  });

  test("proves nothing of what it signed after its revocation", async () => {
    const { chain, key, certificate, genesis } = await certified();
    await chain.revoke(key, certificate);
    const late = chain.builder.batch(key, { meter: "M1", timesMs: [T0 + 1_800_000] });
    await chain.add([late]);
    const bundle = await chain.bundle(`transactions/${hashOf(late, chain)}/bundle`);
    assert.throws(() => verifyBundle(genesis, bundle), { code: "IDENTITY_REVOKED" });
    // Whether the record is shown or the state's word: each alone is enough.
    const { signer } = bundle as { signer: { records: unknown[]; standing?: unknown } };
    const { standing } = signer;
    delete signer.standing;
    assert.throws(() => verifyBundle(genesis, bundle), { code: "IDENTITY_REVOKED" });
    signer.records.pop();
    verifyBundle(genesis, bundle); // nothing in it says so any more, and it claims no standing
    signer.standing = standing;
    assert.throws(() => verifyBundle(genesis, bundle), { code: "PROOF_INVALID" });
  });

  test("says when the authority that certified it has fallen", async () => {
    const { chain, path, genesis } = await certified();
    await chain.closeAuthority();
    const { signer } = verifyBundle(genesis, await chain.bundle(path));
    assert.deepEqual(signer.revoked, { height: 4, reason: "authorityCompromise" });
  });

  test("is made without its standing where no validator answers", async () => {
    const { chain, path, genesis } = await certified();
    chain.silence();
    const { signer } = verifyBundle(genesis, await chain.bundle(path));
    assert.deepEqual([signer.shownUpTo, signer.certified?.height], [undefined, 2]);
  });

  test("tells of each step in its order, and of none behind one that fails", async () => {
    const { chain, key, genesis } = await certified();
    await chain.put(key, new Uint8Array(2_000).fill(7));
    const bundle = (await chain.bundle("objects/4.0/bundle")) as { signer: object };
    const steps: string[] = [];
    verifyBundle(genesis, bundle, ({ step }) => steps.push(step));
    const order =
      "genesis seals header root signature content signer certificate revocation data data";
    assert.equal(steps.join(" "), order);
    steps.length = 0;
    const forged = { ...bundle, signer: { ...bundle.signer, certificate: "AAAA" } };
    assert.throws(() => verifyBundle(genesis, forged, ({ step }) => steps.push(step)));
    assert.equal(steps.at(-1), "signer");
  });
});
