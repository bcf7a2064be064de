import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { Fault } from "@gridledger/protocol/faults";
import { escrowKey, recoverKey, releaseShare } from "@gridledger/protocol/recovery/escrow";
import {
  combineShares,
  isShareOf,
  splitNewSecret,
} from "@gridledger/protocol/recovery/secret-sharing";
import fc from "fast-check";

const plans = fc
  .integer({ min: 2, max: 7 })
  .chain((count) =>
    fc.record({ count: fc.constant(count), threshold: fc.integer({ min: 2, max: count }) }),
  );

function codeOf(run: () => unknown): Fault {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error("it was not refused");
}

function world(suite: Suite, threshold: number, count: number) {
  const openers = Array.from({ length: count }, () => suite.opener(suite.generateSealingKey()));
  const custodians = openers.map(({ publicKey }, index) => ({
    id: Buffer.alloc(10, index + 1),
    organisation: index === 0 ? "north" : "south",
    sealingKey: publicKey,
  }));
  const pkcs8 = suite.generateSealingKey();
  const plan = { threshold, custodians, ownerId: Buffer.alloc(10, 99) };
  const escrow = escrowKey(suite, { purpose: "encryption", pkcs8 }, plan);
  const device = suite.opener(suite.generateSealingKey());
  const release = (index: number) =>
    releaseShare(suite, escrow, { place: index + 1, opener: openers[index]! }, device.publicKey);
  return { openers, custodians, pkcs8, plan, escrow, device, release };
}

describe("a secret among custodians", () => {
  it("property: any M of N give it back, M − 1 do not, and none fits another split", () => {
    fc.assert(
      fc.property(plans, fc.infiniteStream(fc.nat()), ({ count, threshold }, picks) => {
        const { secret, commitments, shares } = splitNewSecret(threshold, count);
        const mixed = [...shares].sort(() => (Number(picks.next().value) % 2 ? 1 : -1));
        assert.deepEqual(combineShares(commitments, mixed.slice(0, threshold)), secret);
        const few = mixed.slice(0, threshold - 1);
        assert.equal(codeOf(() => combineShares(commitments, few)).code, "RECOVERY_TOO_FEW");
        assert.equal(
          codeOf(() => combineShares(commitments, [...few, ...few])).code,
          "RECOVERY_TOO_FEW",
          "one share twice is one share",
        );
        const other = splitNewSecret(threshold, count);
        assert.ok(!isShareOf(other.commitments, shares[0]!));
      }),
      { numRuns: 12 },
    );
  });

  it("property: a share with any bit turned is named", () => {
    fc.assert(
      fc.property(plans, fc.nat(255), fc.nat(), ({ count, threshold }, bit, pick) => {
        const { commitments, shares } = splitNewSecret(threshold, count);
        const bad = pick % threshold;
        const value = Buffer.from(shares[bad]!.value);
        value[bit >> 3]! ^= 1 << (bit & 7);
        const given = shares.map((share, index) => (index === bad ? { ...share, value } : share));
        const fault = codeOf(() => combineShares(commitments, given));
        assert.equal(fault.code, "RECOVERY_SHARE");
        assert.deepEqual(fault.data, { places: [bad + 1] });
      }),
      { numRuns: 12 },
    );
  });

  it("no share of a wrong length, place or commitment is one, and none is a crash", () => {
    const { commitments, shares } = splitNewSecret(2, 3);
    const { value } = shares[0]!;
    assert.ok(isShareOf(commitments, { place: 1, value }));
    for (const place of [0, -1, 1.5, 2, Number.NaN, 2 ** 60]) {
      assert.ok(!isShareOf(commitments, { place, value }), String(place));
    }
    for (const bytes of [value.subarray(1), new Uint8Array(32), new Uint8Array(32).fill(255)]) {
      assert.ok(!isShareOf(commitments, { place: 1, value: bytes }));
    }
    assert.ok(!isShareOf([new Uint8Array(33), commitments[1]!], { place: 1, value }));
    assert.equal(codeOf(() => combineShares([], [])).code, "RECOVERY_TOO_FEW");
  });
});

for (const suite of [suiteByName("international"), suiteByName("sm")]) {
  describe(`an encryption key of ${suite.name} kept for recovery`, () => {
    it("comes back on the device that asked, from any M of N custodians", () => {
      const { escrow, device, release, pkcs8 } = world(suite, 3, 5);
      for (const who of [
        [0, 1, 2],
        [4, 2, 0],
        [1, 2, 3, 4, 0],
      ]) {
        const key = recoverKey(suite, escrow, device, who.map(release));
        assert.deepEqual(Buffer.from(key), Buffer.from(pkcs8));
      }
      assert.equal(
        codeOf(() => recoverKey(suite, escrow, device, [0, 1].map(release))).code,
        "RECOVERY_TOO_FEW",
      );
    });

    it("a custodian that sends a changed share is named", () => {
      const { escrow, device, release } = world(suite, 2, 3);
      const good = release(0);
      const sealed = Buffer.from(release(1).sealed);
      sealed[sealed.length - 1]! ^= 1;
      const changed = codeOf(() => recoverKey(suite, escrow, device, [good, { place: 2, sealed }]));
      assert.equal(changed.code, "RECOVERY_SHARE");
      assert.deepEqual(changed.data, { places: [2] });
      const swapped = codeOf(() =>
        recoverKey(suite, escrow, device, [good, { ...good, place: 3 }]),
      );
      assert.deepEqual(swapped.data, { places: [3] }, "another's share under its place");
    });

    it("a share opens for its custodian alone, and what it releases for one device alone", () => {
      const { escrow, openers, device, release } = world(suite, 2, 3);
      const foreign = () =>
        releaseShare(suite, escrow, { place: 1, opener: openers[1]! }, device.publicKey);
      assert.equal(codeOf(foreign).code, "SEALED_INVALID");
      const absent = () =>
        releaseShare(suite, escrow, { place: 9, opener: openers[0]! }, device.publicKey);
      assert.equal(codeOf(absent).code, "RECOVERY_UNKNOWN");
      const thief = suite.opener(suite.generateSealingKey());
      const stolen = codeOf(() => recoverKey(suite, escrow, thief, [release(0), release(1)]));
      assert.deepEqual(stolen.data, { places: [1, 2] });
    });

    it("signing keys are refused, and so is a plan that one organisation could carry out", () => {
      const { plan, pkcs8, custodians } = world(suite, 2, 3);
      const signing = { purpose: "signing", pkcs8: suite.generateKey() } as const;
      assert.equal(codeOf(() => escrowKey(suite, signing, plan)).code, "RECOVERY_SIGNING_KEY");
      const key = { purpose: "encryption", pkcs8 } as const;
      for (const change of [
        ...[{ threshold: 1 }, { threshold: 4 }, { threshold: 2.5 }, { custodians: [] }],
        { custodians: custodians.map((one) => ({ ...one, organisation: "north" })) },
        { custodians: [...custodians, custodians[0]!] },
        { custodians: custodians.slice(0, 1) },
        { ownerId: custodians[2]!.id },
        {
          custodians: Array.from({ length: 17 }, (_, i) => ({
            ...custodians[i % 3]!,
            id: Buffer.alloc(10, i),
          })),
        },
      ]) {
        const fault = codeOf(() => escrowKey(suite, key, { ...plan, ...change }));
        assert.equal(fault.code, "RECOVERY_PLAN", JSON.stringify(change));
      }
    });
  });
}
