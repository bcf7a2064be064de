import assert from "node:assert/strict";
import { createHash, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { international } from "@gridledger/protocol/crypto/international";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { Fault } from "@gridledger/protocol/faults";
import { p256 } from "@noble/curves/nist.js";
import fc from "fast-check";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

interface Group {
  readonly publicKey: { readonly uncompressed: string };
  readonly tests: readonly { tcId: number; msg: string; sig: string; result: string }[];
}

const { testGroups }: { testGroups: Group[] } = JSON.parse(
  readFileSync(
    new URL("../vectors/wycheproof/ecdsa_secp256r1_sha256_test.json", import.meta.url),
    "utf8",
  ),
);

function compress(uncompressed: string): Uint8Array {
  const point = Buffer.from(uncompressed, "hex");
  return Buffer.concat([Buffer.from([2 | (point[64]! & 1)]), point.subarray(1, 33)]);
}

/** A strict DER ECDSA signature as r‖s with low s, or undefined where it is not one. */
function rawFromDer(hex: string): { raw: Uint8Array; wasLow: boolean } | undefined {
  try {
    const { r, s } = p256.Signature.fromBytes(Buffer.from(hex, "hex"), "der");
    const low = s > ORDER / 2n ? ORDER - s : s;
    const text = r.toString(16).padStart(64, "0") + low.toString(16).padStart(64, "0");
    return { raw: Buffer.from(text, "hex"), wasLow: low === s };
  } catch {
    return undefined;
  }
}

test("Wycheproof ECDSA P-256 SHA-256: every valid signature verifies, no invalid one does", () => {
  let valid = 0;
  let invalid = 0;
  for (const group of testGroups) {
    const publicKey = compress(group.publicKey.uncompressed);
    for (const vector of group.tests) {
      const signature = rawFromDer(vector.sig);
      const verified =
        signature !== undefined &&
        international.verify(publicKey, Buffer.from(vector.msg, "hex"), signature.raw);
      assert.equal(verified, vector.result === "valid", `tcId ${vector.tcId}`);
      if (verified) valid++;
      else invalid++;
    }
  }
  assert.ok(valid > 150 && invalid > 200, `${valid} valid, ${invalid} invalid`);
});

test("the native provider and the portable reference accept each other's signatures", () => {
  const signer = international.signer(international.generateKey());
  const reference = p256.utils.randomSecretKey();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      const options = { prehash: true, lowS: true };
      assert.ok(p256.verify(signer.sign(message), message, signer.publicKey, options));
      const signature = p256.sign(message, reference, options);
      assert.ok(international.verify(p256.getPublicKey(reference), message, signature));
    }),
    { numRuns: 50 },
  );
});

test("a signature has one form: its high-s twin is refused", () => {
  const signer = international.signer(international.generateKey());
  const message = Buffer.from("1-0:1.8.0");
  const signature = signer.sign(message);
  assert.ok(international.verify(signer.publicKey, message, signature));
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  const twin = Buffer.from(signature);
  twin.write((ORDER - s).toString(16).padStart(64, "0"), 32, "hex");
  assert.ok(!international.verify(signer.publicKey, message, twin));
  assert.ok(p256.verify(twin, message, signer.publicKey, { prehash: true, lowS: false }));
});

test("keys off the curve, of another curve or of the wrong length are refused with a code", () => {
  const bad = [new Uint8Array(33), Buffer.alloc(33, 0xff), Buffer.from([2]), Buffer.alloc(65, 4)];
  for (const publicKey of bad) {
    assert.throws(
      () => international.checkPublicKey(publicKey),
      (fault) => fault instanceof Fault && fault.code === "KEY_INVALID",
    );
  }
  assert.throws(
    () => international.signer(Buffer.from("not a key")),
    (fault) => fault instanceof Fault && fault.code === "KEY_INVALID",
  );
});

test("the public key is the compressed point that OpenSSL exports", () => {
  const pkcs8 = international.generateKey();
  const { publicKey } = international.signer(pkcs8);
  const spki = createPublicKey({
    key: Buffer.concat([
      Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"),
      publicKey,
    ]),
    format: "der",
    type: "spki",
  });
  assert.equal(spki.asymmetricKeyDetails?.namedCurve, "prime256v1");
});

test("hash is over the parts one after the other", () => {
  const whole = Uint8Array.from(createHash("sha256").update("meter reading").digest());
  assert.deepEqual(international.hash(Buffer.from("meter "), Buffer.from("reading")), whole);
});

test("an unknown suite is refused and the known ones are named", () => {
  assert.throws(
    () => suiteByName("rot13"),
    (fault) =>
      fault instanceof Fault &&
      fault.code === "SUITE_UNKNOWN" &&
      /international/.test(fault.message),
  );
});
