import assert from "node:assert/strict";
import { test } from "node:test";
import { shapedCipher } from "@gridledger/protocol/crypto/cipher-shape";
import { rawFromDer } from "@gridledger/protocol/crypto/der-signature";
import { p256Curve } from "@gridledger/protocol/crypto/ec-curves";
import { hkdf, hmacSha256, hmacSm3 } from "@gridledger/protocol/crypto/macs";
import { nativeAead } from "@gridledger/protocol/crypto/native/aead";
import { nativeEcdh } from "@gridledger/protocol/crypto/native/agreement";
import { nativeEcdsa } from "@gridledger/protocol/crypto/native/ecdsa";
import { nativeEd25519 } from "@gridledger/protocol/crypto/native/ed25519";
import { nativeHmac } from "@gridledger/protocol/crypto/native/hash";
import { nativeSm4Ctr } from "@gridledger/protocol/crypto/native/sm4";
import { portableAesGcm } from "@gridledger/protocol/crypto/portable/aead";
import { portableEcdh } from "@gridledger/protocol/crypto/portable/agreement";
import { portableEcdsa } from "@gridledger/protocol/crypto/portable/ecdsa";
import { portableEd25519 } from "@gridledger/protocol/crypto/portable/ed25519";
import { portableHmacSm3 } from "@gridledger/protocol/crypto/portable/sm3";
import { portableSm4Ctr } from "@gridledger/protocol/crypto/portable/sm4";
import { sm4Gcm } from "@gridledger/protocol/crypto/sm4-gcm";
import type { Cipher } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { p256 } from "@noble/curves/nist.js";
import { compress, hex, readWycheproof, type WycheproofTest } from "./vectors.ts";

interface AeadGroup {
  readonly ivSize: number;
  readonly keySize: number;
  readonly tagSize: number;
  readonly tests: readonly (WycheproofTest & {
    readonly key: string;
    readonly iv: string;
    readonly aad: string;
    readonly msg: string;
    readonly ct: string;
    readonly tag: string;
  })[];
}

/** Runs the vectors with 96-bit nonces and 128-bit tags, the only ones the API takes. */
function runAead(file: string, cipherOf: (keyBytes: number) => Cipher) {
  const counts = { valid: 0, invalid: 0, otherShape: 0 };
  for (const group of readWycheproof<AeadGroup>(file)) {
    for (const vector of group.tests) {
      const cipher = cipherOf(group.keySize / 8);
      const [key, nonce, aad, message] = [vector.key, vector.iv, vector.aad, vector.msg].map(hex);
      const sealed = hex(vector.ct + vector.tag);
      const open = () => cipher.decrypt(key!, nonce!, sealed, aad!);
      if (group.ivSize !== 96 || group.tagSize !== 128) {
        assert.throws(open, Fault, `tcId ${vector.tcId}`);
        counts.otherShape++;
      } else if (vector.result === "valid") {
        assert.deepEqual(Buffer.from(open()), message, `tcId ${vector.tcId}`);
        assert.deepEqual(Buffer.from(cipher.encrypt(key!, nonce!, message!, aad!)), sealed);
        counts.valid++;
      } else {
        assert.throws(open, { code: "SEALED_INVALID" }, `tcId ${vector.tcId}`);
        counts.invalid++;
      }
    }
  }
  return counts;
}

const aesNames = { 16: "aes-128-gcm", 24: "aes-192-gcm", 32: "aes-256-gcm" } as const;
const nativeAes = (bytes: number) =>
  shapedCipher(bytes, 12, nativeAead(aesNames[bytes as keyof typeof aesNames]));
const portableAes = (bytes: number) => shapedCipher(bytes, 12, portableAesGcm);

for (const [provider, cipherOf] of [
  ["openssl", nativeAes],
  ["noble", portableAes],
] as const) {
  test(`Wycheproof AES-GCM, ${provider}: 197 of 316 vectors judged rightly, 119 of other nonce or tag sizes refused`, () => {
    const counts = runAead("aes_gcm", cipherOf);
    assert.equal(counts.valid + counts.invalid + counts.otherShape, 316);
    assert.deepEqual(counts, { valid: 116, invalid: 81, otherShape: 119 });
  });
}

for (const [provider, ctr] of [
  ["openssl", nativeSm4Ctr],
  ["sm-crypto", portableSm4Ctr],
] as const) {
  test(`Wycheproof SM4-GCM, ${provider}: 65 of 104 vectors judged rightly, 39 of other nonce or tag sizes refused`, () => {
    const counts = runAead("sm4_gcm", (bytes) => shapedCipher(bytes, 12, sm4Gcm(ctr)));
    assert.deepEqual(counts, { valid: 38, invalid: 27, otherShape: 39 });
  });
}

interface EcdhGroup {
  readonly tests: readonly (WycheproofTest & {
    readonly public: string;
    readonly private: string;
    readonly shared: string;
  })[];
}

const P256_SPKI = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const P256_SPKI_COMPRESSED = "3039301306072a8648ce3d020106082a8648ce3d030107032200";

/** The point of a SubjectPublicKeyInfo that names P-256; undefined for every other encoding. */
function pointOfSpki(spki: string): Uint8Array | undefined {
  if (spki.startsWith(P256_SPKI) && spki.length === 182) return compress(hex(spki.slice(52)));
  if (spki.startsWith(P256_SPKI_COMPRESSED)) return hex(spki.slice(52));
  return undefined;
}

for (const [provider, ecdh] of [
  ["openssl", nativeEcdh(p256Curve)],
  ["noble", portableEcdh(p256)],
] as const) {
  test(`Wycheproof ECDH P-256, ${provider}: 357 of 612 vectors reach the API, all judged rightly`, () => {
    const counts = { agreed: 0, refusedKey: 0, inexpressible: 0, otherEncoding: 0 };
    for (const group of readWycheproof<EcdhGroup>("ecdh_secp256r1")) {
      for (const vector of group.tests) {
        const point = pointOfSpki(vector.public);
        if (point === undefined) {
          assert.notEqual(vector.result, "valid", `tcId ${vector.tcId}`);
          counts.otherEncoding++;
          continue;
        }
        const secret = hex(vector.private.replace(/^00(?=.{64}$)/, "").padStart(64, "0"));
        const agree = () => ecdh.agreer(secret).agree(point);
        if (vector.result === "invalid") {
          // Compressed, a point off the curve is no point or another, valid one: no attack is left.
          try {
            agree();
            counts.inexpressible++;
          } catch (fault) {
            assert.ok(fault instanceof Fault && fault.code === "KEY_INVALID", `${vector.tcId}`);
            counts.refusedKey++;
          }
        } else {
          assert.equal(Buffer.from(agree()).toString("hex"), vector.shared, `tcId ${vector.tcId}`);
          counts.agreed++;
        }
      }
    }
    assert.deepEqual(counts, {
      agreed: 332,
      refusedKey: 19,
      inexpressible: 6,
      otherEncoding: 255,
    });
  });
}

interface Ed25519Group {
  readonly publicKey: { readonly pk: string };
  readonly tests: readonly (WycheproofTest & { readonly msg: string; readonly sig: string })[];
}

for (const [provider, ed25519] of [
  ["openssl", nativeEd25519],
  ["noble", portableEd25519],
] as const) {
  test(`Wycheproof Ed25519, ${provider}: 151 vectors`, () => {
    const counts = { valid: 0, invalid: 0 };
    for (const group of readWycheproof<Ed25519Group>("ed25519")) {
      for (const vector of group.tests) {
        const verified = ed25519.verify(hex(group.publicKey.pk), hex(vector.msg), hex(vector.sig));
        assert.equal(verified, vector.result === "valid", `tcId ${vector.tcId}`);
        counts[verified ? "valid" : "invalid"]++;
      }
    }
    assert.deepEqual(counts, { valid: 88, invalid: 63 });
  });
}

interface HkdfGroup {
  readonly tests: readonly (WycheproofTest & {
    readonly ikm: string;
    readonly salt: string;
    readonly info: string;
    readonly size: number;
    readonly okm: string;
  })[];
}

test("Wycheproof HKDF-SHA256: 86 vectors", () => {
  const counts = { valid: 0, invalid: 0 };
  for (const group of readWycheproof<HkdfGroup>("hkdf_sha256")) {
    for (const { tcId, ikm, salt, info, size, okm, result } of group.tests) {
      const derive = () => hkdf(hmacSha256.mac, hex(ikm), hex(salt), hex(info), size);
      if (result === "valid") {
        assert.equal(Buffer.from(derive()).toString("hex"), okm, `tcId ${tcId}`);
        counts.valid++;
      } else {
        assert.throws(derive, { code: "KEY_INVALID" });
        counts.invalid++;
      }
    }
  }
  assert.deepEqual(counts, { valid: 83, invalid: 3 });
});

interface MacGroup {
  readonly tagSize: number;
  readonly tests: readonly (WycheproofTest & {
    readonly key: string;
    readonly msg: string;
    readonly tag: string;
  })[];
}

for (const [provider, mac] of [
  ["by name", hmacSm3.mac],
  ["openssl", nativeHmac("sm3")],
  ["sm-crypto", portableHmacSm3],
] as const) {
  test(`Wycheproof HMAC-SM3, ${provider}: 174 vectors`, () => {
    let judged = 0;
    for (const group of readWycheproof<MacGroup>("hmac_sm3")) {
      for (const { tcId, key, msg, tag, result } of group.tests) {
        const computed = Buffer.from(mac(hex(key), hex(msg))).toString("hex");
        const isRight = computed.slice(0, group.tagSize / 4) === tag;
        assert.equal(isRight, result === "valid", `tcId ${tcId}`);
        judged++;
      }
    }
    assert.equal(judged, 174);
  });
}

interface EcdsaGroup {
  readonly publicKey: { readonly uncompressed: string };
  readonly tests: readonly (WycheproofTest & { readonly msg: string; readonly sig: string })[];
}

/** A DER signature as r‖s with low s; undefined where it is not minimal DER of two 32-byte numbers. */
function lowRaw(der: Uint8Array): Uint8Array | undefined {
  try {
    const { r, s } = p256.Signature.fromBytes(der, "der");
    const raw = rawFromDer(der);
    if (s <= p256Curve.order / 2n) return raw;
    return new p256.Signature(r, p256Curve.order - s).toBytes("compact");
  } catch {
    return undefined;
  }
}

for (const [provider, ecdsa] of [
  ["openssl", nativeEcdsa(p256Curve)],
  ["noble", portableEcdsa(p256)],
] as const) {
  test(`Wycheproof ECDSA P-256 SHA-256, ${provider}: 484 vectors`, () => {
    const counts = { valid: 0, invalid: 0 };
    for (const group of readWycheproof<EcdsaGroup>("ecdsa_secp256r1_sha256")) {
      const publicKey = compress(hex(group.publicKey.uncompressed));
      for (const vector of group.tests) {
        const raw = lowRaw(hex(vector.sig));
        const verified = raw !== undefined && ecdsa.verify(publicKey, hex(vector.msg), raw);
        assert.equal(verified, vector.result === "valid", `tcId ${vector.tcId}`);
        counts[verified ? "valid" : "invalid"]++;
      }
    }
    assert.deepEqual(counts, { valid: 174, invalid: 310 });
  });
}
