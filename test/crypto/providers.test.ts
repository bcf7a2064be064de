import assert from "node:assert/strict";
import { test } from "node:test";
import { testAllProviders } from "@gridledger/protocol/crypto/algorithms";
import { shapedCipher } from "@gridledger/protocol/crypto/cipher-shape";
import { p256Curve, secp256k1Curve } from "@gridledger/protocol/crypto/ec-curves";
import { sha256, sha3256, sm3 } from "@gridledger/protocol/crypto/hashes";
import { nativeAead } from "@gridledger/protocol/crypto/native/aead";
import { nativeEcdh, nativeX25519 } from "@gridledger/protocol/crypto/native/agreement";
import { nativeEcdsa } from "@gridledger/protocol/crypto/native/ecdsa";
import { nativeEd25519 } from "@gridledger/protocol/crypto/native/ed25519";
import { nativeSm2 } from "@gridledger/protocol/crypto/native/sm2";
import { nativeSm2Encryption } from "@gridledger/protocol/crypto/native/sm2-encryption";
import { nativeSm4Ctr } from "@gridledger/protocol/crypto/native/sm4";
import {
  portableAesGcm,
  portableChaCha20Poly1305,
} from "@gridledger/protocol/crypto/portable/aead";
import { portableEcdh, portableX25519 } from "@gridledger/protocol/crypto/portable/agreement";
import { portableEcdsa } from "@gridledger/protocol/crypto/portable/ecdsa";
import { portableEd25519 } from "@gridledger/protocol/crypto/portable/ed25519";
import { portableSm2 } from "@gridledger/protocol/crypto/portable/sm2";
import { portableSm2Encryption } from "@gridledger/protocol/crypto/portable/sm2-encryption";
import { portableSm3 } from "@gridledger/protocol/crypto/portable/sm3";
import { portableSm4Ctr } from "@gridledger/protocol/crypto/portable/sm4";
import {
  type ProviderReport,
  Providers,
  watchProviderFailures,
} from "@gridledger/protocol/crypto/providers";
import { sm4Gcm } from "@gridledger/protocol/crypto/sm4-gcm";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { sha3_256 as nobleSha3 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import smCrypto from "sm-crypto";

const RUNS = { numRuns: 25 };
/** 32 secret bytes that are a scalar of every curve. */
const secrets = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((secret) => secret.with(0, 0x7f).with(31, 1));
const messages = fc.uint8Array({ maxLength: 300 });
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const signaturePairs = [
  ["ecdsa-p256", nativeEcdsa(p256Curve), portableEcdsa(p256)],
  ["ecdsa-secp256k1", nativeEcdsa(secp256k1Curve), portableEcdsa(secp256k1)],
  ["ed25519", nativeEd25519, portableEd25519],
  ["sm2", nativeSm2, portableSm2],
] as const;

for (const [name, native, portable] of signaturePairs) {
  test(`${name}: OpenSSL and the portable code give one public key and verify each other both ways`, () => {
    fc.assert(
      fc.property(secrets, messages, fc.nat(511), (secret, message, bit) => {
        const signers = [native.signer(secret), portable.signer(secret)];
        assert.equal(toHex(signers[0]!.publicKey), toHex(signers[1]!.publicKey));
        for (const signer of signers) {
          const signature = signer.sign(message);
          assert.equal(signature.length, 64);
          const flipped = Uint8Array.from(signature);
          flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
          for (const provider of [native, portable]) {
            assert.ok(provider.verify(signer.publicKey, message, signature));
            assert.ok(!provider.verify(signer.publicKey, message, flipped));
          }
        }
      }),
      RUNS,
    );
  });
}

const agreementPairs = [
  ["ecdh-p256", nativeEcdh(p256Curve), portableEcdh(p256)],
  ["ecdh-secp256k1", nativeEcdh(secp256k1Curve), portableEcdh(secp256k1)],
  ["x25519", nativeX25519, portableX25519],
] as const;

for (const [name, native, portable] of agreementPairs) {
  test(`${name}: OpenSSL and noble agree on the shared secret, across and back`, () => {
    fc.assert(
      fc.property(secrets, secrets, (ours, theirs) => {
        const shared = native.agreer(ours).agree(portable.agreer(theirs).publicKey);
        assert.equal(
          toHex(shared),
          toHex(portable.agreer(theirs).agree(native.agreer(ours).publicKey)),
        );
        assert.equal(
          toHex(shared),
          toHex(portable.agreer(ours).agree(native.agreer(theirs).publicKey)),
        );
      }),
      RUNS,
    );
  });
}

const cipherPairs = [
  ["aes-256-gcm", 32, nativeAead("aes-256-gcm"), portableAesGcm, "noble"],
  ["chacha20-poly1305", 32, nativeAead("chacha20-poly1305"), portableChaCha20Poly1305, "noble"],
  ["sm4-gcm", 16, sm4Gcm(nativeSm4Ctr), sm4Gcm(portableSm4Ctr), "sm-crypto"],
] as const;

for (const [name, keyBytes, native, portable, portableName] of cipherPairs) {
  test(`${name}: OpenSSL and ${portableName} write the same bytes and open each other's`, () => {
    const ciphers = [native, portable].map((work) => shapedCipher(keyBytes, 12, work));
    fc.assert(
      fc.property(secrets, messages, messages, (secret, text, associated) => {
        const [key, nonce] = [secret.subarray(0, keyBytes), secret.subarray(8, 20)];
        const sealed = ciphers.map((cipher) => cipher.encrypt(key, nonce, text, associated));
        assert.equal(toHex(sealed[0]!), toHex(sealed[1]!));
        for (const cipher of ciphers) {
          assert.equal(toHex(cipher.decrypt(key, nonce, sealed[0]!, associated)), toHex(text));
        }
      }),
      RUNS,
    );
  });
}

test("hashes: OpenSSL and the portable code agree on any parts", () => {
  fc.assert(
    fc.property(fc.array(messages, { maxLength: 4 }), (parts) => {
      const whole = Buffer.concat(parts);
      assert.equal(toHex(sha256.hash(...parts)), toHex(nobleSha256(whole)));
      assert.equal(toHex(sha3256.hash(...parts)), toHex(nobleSha3(whole)));
      assert.equal(toHex(sm3.hash(...parts)), toHex(portableSm3(whole)));
    }),
    RUNS,
  );
});

test("SM2, OpenSSL, noble and sm-crypto: signatures verify and ciphertexts open, all ways", () => {
  const options = { hash: true, userId: "1234567812345678" };
  fc.assert(
    fc.property(
      secrets,
      messages,
      fc.uint8Array({ minLength: 1, maxLength: 99 }),
      (secret, message, text) => {
        const signer = nativeSm2.signer(secret);
        const publicKey = toHex(signer.publicKey);
        const ours = toHex(signer.sign(message));
        assert.ok(smCrypto.sm2.doVerifySignature([...message], ours, publicKey, options));
        const theirs = smCrypto.sm2.doSignature([...message], toHex(secret), options);
        assert.ok(nativeSm2.verify(signer.publicKey, message, Buffer.from(theirs, "hex")));

        for (const provider of [nativeSm2Encryption, portableSm2Encryption]) {
          const encrypted = provider.encrypt(signer.publicKey, text);
          for (const other of [nativeSm2Encryption, portableSm2Encryption]) {
            assert.equal(toHex(other.decrypt(secret, encrypted)), toHex(text));
          }
          const body = toHex(encrypted).slice(2);
          const opened: unknown = smCrypto.sm2.doDecrypt(body, toHex(secret), 1, {
            output: "array",
          });
          assert.deepEqual(opened, [...text]);
          const foreign = Buffer.from(`04${smCrypto.sm2.doEncrypt(text, publicKey, 1)}`, "hex");
          assert.equal(toHex(provider.decrypt(secret, foreign)), toHex(text));
        }
      },
    ),
    { numRuns: 8 },
  );
});

test("every provider of every named algorithm passes its self-test on this machine", () => {
  const reports = testAllProviders();
  assert.deepEqual(
    reports.filter(({ state }) => state === "failed"),
    [],
  );
  const portableInUse = reports.filter((r) => r.state === "in use" && r.provider !== "openssl");
  assert.deepEqual(portableInUse, []);
});

test("a provider that fails its self-test is reported and not used; the fallback is", () => {
  const heard: ProviderReport[] = [];
  const stop = watchProviderFailures((report) => heard.push(report));
  let tests = 0;
  const providers = new Providers<() => number>(
    "sum",
    [
      { name: "liar", implementation: () => 5 },
      { name: "honest", implementation: () => 4 },
    ],
    (sum) => {
      tests++;
      if (sum() !== 4) throw new Error("2 + 2");
    },
  );
  assert.equal(tests, 0, "nothing is tested before the first use");
  assert.equal(providers.get()(), 4);
  assert.equal(providers.get()(), 4);
  assert.equal(tests, 2, "each provider is tested once");
  stop();
  const failed = { algorithm: "sum", provider: "liar", state: "failed" } as const;
  assert.equal(heard.length, 1);
  assert.deepEqual({ ...heard[0], reason: undefined }, { ...failed, reason: undefined });
  assert.deepEqual(
    providers.testAll().map(({ provider, state }) => [provider, state]),
    [
      ["liar", "failed"],
      ["honest", "in use"],
    ],
  );
});

test("with no provider left the algorithm refuses to work, with a code", () => {
  const providers = new Providers("nothing", [{ name: "broken", implementation: 0 }], () => {
    throw new Error("broken");
  });
  assert.throws(() => providers.get(), { code: "SUITE_SELF_TEST" });
  assert.throws(() => providers.get(), { code: "SUITE_SELF_TEST" });
});
