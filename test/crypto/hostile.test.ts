import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import {
  agreementByName,
  cipherByName,
  hashByName,
  macByName,
  sealingByName,
  signatureByName,
} from "@gridledger/protocol/crypto/algorithms";
import { p256Curve, secp256k1Curve } from "@gridledger/protocol/crypto/ec-curves";
import { nativeX25519 } from "@gridledger/protocol/crypto/native/agreement";
import { nativeEcdsa } from "@gridledger/protocol/crypto/native/ecdsa";
import { nativeEd25519 } from "@gridledger/protocol/crypto/native/ed25519";
import { nativeSm2 } from "@gridledger/protocol/crypto/native/sm2";
import { portableX25519 } from "@gridledger/protocol/crypto/portable/agreement";
import { portableEcdsa } from "@gridledger/protocol/crypto/portable/ecdsa";
import { portableEd25519 } from "@gridledger/protocol/crypto/portable/ed25519";
import { portableSm2 } from "@gridledger/protocol/crypto/portable/sm2";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { hex } from "./vectors.ts";

const message = Buffer.from("1-0:1.8.0");
const suites = ["international", "sm"].map(suiteByName);
const signatureProviders = [
  ["P-256 openssl", nativeEcdsa(p256Curve)],
  ["P-256 noble", portableEcdsa(p256)],
  ["secp256k1 openssl", nativeEcdsa(secp256k1Curve)],
  ["secp256k1 noble", portableEcdsa(secp256k1)],
  ["SM2 openssl", nativeSm2],
  ["SM2 noble", portableSm2],
  ["Ed25519 openssl", nativeEd25519],
  ["Ed25519 noble", portableEd25519],
] as const;
const edwards = signatureProviders.slice(6);

test("what is not a point in its one encoding is KEY_INVALID: identity, off the curve, wrong length", () => {
  const notPoints = [
    new Uint8Array(0),
    Buffer.of(0), // SEC 1's identity
    new Uint8Array(33),
    Buffer.alloc(33, 0xff),
    Buffer.concat([Buffer.of(2), Buffer.alloc(32, 0xff)]), // x ≥ p
    Buffer.alloc(65, 4),
  ];
  for (const [name, provider] of signatureProviders) {
    for (const bytes of notPoints) {
      assert.throws(() => provider.checkPublicKey(bytes), { code: "KEY_INVALID" }, name);
    }
  }
  for (const suite of suites) {
    for (const bytes of notPoints) {
      assert.throws(() => suite.seal(bytes, message, message), { code: "KEY_INVALID" });
    }
  }
});

test("any 33 bytes: both providers of a curve accept the same keys", () => {
  for (const pair of [
    signatureProviders.slice(0, 2),
    signatureProviders.slice(2, 4),
    signatureProviders.slice(4, 6),
  ]) {
    fc.assert(
      fc.property(
        fc.constantFrom(2, 3, 4, 5),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (head, x) => {
          const accepted = pair.map(([, provider]) => {
            try {
              provider.checkPublicKey(Buffer.concat([Buffer.of(head), x]));
              return true;
            } catch {
              return false;
            }
          });
          assert.equal(accepted[0], accepted[1]);
        },
      ),
      { numRuns: 40 },
    );
  }
});

test("low-order and mixed-order points and y ≥ p are no Ed25519 keys", () => {
  const torsion = ed25519.Point.fromHex(
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8
  );
  const mixed = ed25519.Point.BASE.add(torsion).toBytes();
  const identity = Buffer.alloc(32).fill(1, 0, 1);
  const nonCanonical = hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"); // y = p + 1
  for (const [name, provider] of edwards) {
    for (const bytes of [torsion.toBytes(), mixed, identity, Buffer.alloc(32), nonCanonical]) {
      assert.throws(() => provider.checkPublicKey(bytes), { code: "KEY_INVALID" }, name);
    }
  }
});

test("an Ed25519 signature made to split cofactored from cofactorless verifiers gets one answer: false", () => {
  const { Point } = ed25519;
  const torsion = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
  const little = (value: bigint) =>
    Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
  const [a, r] = [12_345n, 67_890n];
  const publicKey = Point.BASE.multiply(a).toBytes();
  const bigR = Point.BASE.multiply(r).add(torsion).toBytes();
  const digest = Buffer.from(sha512(Buffer.concat([bigR, publicKey, message]))).reverse();
  const k = Point.Fn.create(BigInt(`0x${digest.toString("hex")}`));
  const signature = Buffer.concat([bigR, little(Point.Fn.create(r + k * a))]);
  assert.ok(ed25519.verify(signature, message, publicKey), "noble's own verifier accepts it");
  for (const [name, provider] of edwards)
    assert.ok(!provider.verify(publicKey, message, signature), name);
});

test("an Ed25519 signature has one form: s + L is refused", () => {
  const signer = nativeEd25519.signer(Buffer.alloc(32, 7));
  const signature = Buffer.from(signer.sign(message));
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
  const twin = (s + ed25519.Point.Fn.ORDER).toString(16).padStart(64, "0");
  Buffer.from(twin, "hex").reverse().copy(signature, 32);
  for (const [name, provider] of edwards) {
    assert.ok(!provider.verify(signer.publicKey, message, signature), name);
  }
});

test("ECDSA has one form: the high-s twin is refused by both providers of both curves", () => {
  for (const [index, curve] of [p256Curve, secp256k1Curve].entries()) {
    const pair = signatureProviders.slice(2 * index, 2 * index + 2);
    const signer = pair[0]![1].signer(Buffer.alloc(32, 5));
    const signature = Buffer.from(signer.sign(message));
    const s = BigInt(`0x${signature.toString("hex", 32)}`);
    signature.write((curve.order - s).toString(16).padStart(64, "0"), 32, "hex");
    for (const [name, { verify }] of pair)
      assert.ok(!verify(signer.publicKey, message, signature), name);
  }
});

test("X25519: every low-order public key is KEY_INVALID for both providers", () => {
  const lowOrder = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  ];
  for (const provider of [nativeX25519, portableX25519]) {
    const agreer = provider.agreer(Buffer.alloc(32, 9));
    for (const bad of [...lowOrder, "00"]) {
      assert.throws(() => agreer.agree(hex(bad)), { code: "KEY_INVALID" });
    }
  }
});

test("any bytes as a signature are false and never throw", () => {
  const keys = signatureProviders.map(
    ([, provider]) => provider.signer(Buffer.alloc(32, 3)).publicKey,
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (signature) => {
      for (const [index, [name, provider]] of signatureProviders.entries()) {
        assert.ok(!provider.verify(keys[index]!, message, signature), name);
        assert.ok(
          !provider.verify(
            keys[index]!,
            message,
            Buffer.concat([signature, Buffer.alloc(64)]).subarray(0, 64),
          ),
          name,
        );
      }
    }),
    { numRuns: 60 },
  );
});

test("a PKCS#8 cut short, lengthened or changed anywhere is KEY_INVALID or still a whole key", () => {
  const algorithms = ["ecdsa-p256", "ecdsa-secp256k1", "sm2", "ed25519"].map(signatureByName);
  for (const algorithm of algorithms) {
    const pkcs8 = Buffer.from(algorithm.generateKey());
    for (let length = 0; length < pkcs8.length; length++) {
      const cut = pkcs8.subarray(0, length);
      assert.throws(() => algorithm.signer(cut), { code: "KEY_INVALID" }, `${length} bytes`);
    }
    const longer = Buffer.concat([pkcs8, Buffer.of(0)]);
    assert.throws(() => algorithm.signer(longer), { code: "KEY_INVALID" });
    fc.assert(
      fc.property(fc.nat(pkcs8.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(pkcs8);
        changed[at] = value;
        try {
          const signer = algorithm.signer(changed);
          assert.ok(algorithm.verify(signer.publicKey, message, signer.sign(message)));
        } catch (fault) {
          assert.equal((fault as { code?: string }).code, "KEY_INVALID");
        }
      }),
      { numRuns: 100 },
    );
  }
});

test("a PKCS#8 of another curve, an RSA key, a scalar of 0 or n are KEY_INVALID", () => {
  const [international, sm] = suites;
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const pkcs8 = rsa.export({ format: "der", type: "pkcs8" });
  assert.throws(() => international!.signer(sm!.generateKey()), { code: "KEY_INVALID" });
  assert.throws(() => sm!.signer(international!.generateKey()), { code: "KEY_INVALID" });
  assert.throws(() => sm!.opener(international!.generateKey()), { code: "KEY_INVALID" });
  for (const suite of suites) assert.throws(() => suite.signer(pkcs8), { code: "KEY_INVALID" });
  const order = hex(p256Curve.order.toString(16));
  for (const scalar of [new Uint8Array(32), order, new Uint8Array(31).fill(1)]) {
    const encoded = p256Curve.format.encode(scalar);
    assert.throws(() => international!.signer(encoded), { code: "KEY_INVALID" });
    assert.throws(() => international!.opener(encoded), { code: "KEY_INVALID" });
  }
});

test("a PKCS#8 from OpenSSL is taken; with another key's public key in it, it is not", () => {
  const [ours, other] = [1, 2].map(() =>
    generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export({
      format: "der",
      type: "pkcs8",
    }),
  );
  const suite = suites[0]!;
  assert.equal(suite.signer(ours!).publicKey.length, 33);
  const mixed = Buffer.concat([ours!.subarray(0, -64), other!.subarray(-64)]);
  assert.throws(() => suite.signer(mixed), { code: "KEY_INVALID" });
});

test("a name no algorithm has is refused and the known ones are named", () => {
  const lookups = [
    hashByName,
    macByName,
    cipherByName,
    signatureByName,
    agreementByName,
    sealingByName,
  ];
  for (const lookup of lookups) assert.throws(() => lookup("rot13"), { code: "SUITE_UNKNOWN" });
  assert.throws(() => hashByName("md5"), /sha256, sm3, sha3-256/);
});
