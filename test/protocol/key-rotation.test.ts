import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { international as suite } from "@gridledger/protocol/crypto/international";
import { Fault } from "@gridledger/protocol/faults";
import {
  decodeLedgerIdentity,
  encodeLedgerIdentity,
} from "@gridledger/protocol/ledger/identity-keys";
import {
  decodeKeyRotation,
  encodeKeyRotation,
  type KeyRotation,
  verifyRotationProof,
} from "@gridledger/protocol/ledger/key-rotation";
import fc from "fast-check";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
const rotations: fc.Arbitrary<KeyRotation> = fc.record({
  ...{ identityId: bytes(10), module: name, scheme: name, epoch: fc.nat(0xffff_ffff) },
  ...{ suiteId: fc.nat(65_535), publicKey: bytes(33), fromHeight: fc.maxSafeNat() },
  proof: bytes(64),
});
const key = fc.record({
  ...{ epoch: fc.nat(0xffff_ffff), suiteId: fc.nat(65_535), publicKey: bytes(33) },
  fromHeight: fc.maxSafeNat(),
});

describe("the bytes of a key rotation", () => {
  it("are read as they were written, and every other byte is another rotation or a fault", () => {
    fc.assert(
      fc.property(rotations, fc.nat(), fc.integer({ min: 1, max: 255 }), (rotation, at, flip) => {
        const encoded = encodeKeyRotation(rotation);
        assert.deepEqual(encodeKeyRotation(decodeKeyRotation(encoded)), encoded);
        const changed = Uint8Array.from(encoded);
        changed[at % changed.length]! ^= flip;
        try {
          assert.deepEqual(encodeKeyRotation(decodeKeyRotation(changed)), changed);
        } catch (thrown) {
          assert.ok(thrown instanceof Fault, String(thrown));
        }
      }),
    );
  });

  it("of which any is changed prove nothing any more", () => {
    const signer = suite.signer(suite.generateKey());
    const chainId = suite.hash(Buffer.from("chain"));
    fc.assert(
      fc.property(rotations, (rotation) => {
        const own = { ...rotation, publicKey: signer.publicKey };
        assert.equal(verifyRotationProof(suite, chainId, own), false);
      }),
      { numRuns: 20 },
    );
  });

  it("an identity with two keys is read as it was written", () => {
    fc.assert(
      fc.property(key, key, fc.option(fc.nat(65_535)), (current, next, suiteId) => {
        const encoded = encodeLedgerIdentity({
          ...{ role: "device", publicKey: current.publicKey, name: "gateway" },
          ...(suiteId !== null && { suiteId }),
          turn: { current, next },
        });
        assert.deepEqual(encodeLedgerIdentity(decodeLedgerIdentity(encoded)), encoded);
      }),
    );
  });
});
