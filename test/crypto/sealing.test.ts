import assert from "node:assert/strict";
import { test } from "node:test";
import { sealingByName } from "@gridledger/protocol/crypto/algorithms";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import fc from "fast-check";

const context = Buffer.from("tariff 2027 for org-2");

for (const name of ["ecies-p256", "sm2-encryption", "ecies-x25519", "ecies-secp256k1"]) {
  const algorithm = sealingByName(name);
  const opener = algorithm.opener(algorithm.generateSealingKey());
  const other = algorithm.opener(algorithm.generateSealingKey());

  test(`${name}: what is sealed to a key is opened by it and by no other, in its context only`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (plaintext) => {
        const sealed = algorithm.seal(opener.publicKey, plaintext, context);
        assert.deepEqual(Buffer.from(opener.open(sealed, context)), Buffer.from(plaintext));
        const refused = { code: "SEALED_INVALID" };
        assert.throws(() => other.open(sealed, context), refused);
        assert.throws(() => opener.open(sealed, Buffer.from("another context")), refused);
        assert.notDeepEqual(sealed, algorithm.seal(opener.publicKey, plaintext, context));
      }),
      { numRuns: 15 },
    );
  });

  test(`${name}: any changed, cut or random bytes are refused with a code`, () => {
    const sealed = algorithm.seal(opener.publicKey, Buffer.from("secret tariff"), context);
    const refused = { code: "SEALED_INVALID" };
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed);
      changed[at] = changed[at]! ^ 0x80;
      // RFC 7748 §5 ignores the top bit of an X25519 key; the key derivation does not.
      assert.throws(() => opener.open(changed, context), refused, `byte ${at}`);
      assert.throws(() => opener.open(sealed.subarray(0, at), context), refused, `${at} bytes`);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.throws(() => opener.open(bytes, context), refused);
      }),
      { numRuns: 50 },
    );
  });
}

test("a large document is sealed and opened by both suites", () => {
  const document = Buffer.alloc(1_000_000, "meter");
  for (const suite of [suiteByName("international"), suiteByName("sm")]) {
    const opener = suite.opener(suite.generateSealingKey());
    const sealed = suite.seal(opener.publicKey, document, context);
    assert.ok(document.equals(opener.open(sealed, context)));
  }
});

test("a cipher refuses keys and nonces of another length with KEY_INVALID", () => {
  for (const { cipher } of [suiteByName("international"), suiteByName("sm")]) {
    const key = new Uint8Array(cipher.keyBytes);
    const nonce = new Uint8Array(cipher.nonceBytes);
    const refused = { code: "KEY_INVALID" };
    assert.throws(() => cipher.encrypt(key.subarray(1), nonce, context, context), refused);
    assert.throws(() => cipher.encrypt(key, nonce.subarray(1), context, context), refused);
    assert.throws(() => cipher.decrypt(key, new Uint8Array(16), context, context), refused);
    assert.throws(() => cipher.decrypt(key, nonce, new Uint8Array(15), context), {
      code: "SEALED_INVALID",
    });
  }
});
