import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { checkEdwardsKey, ed25519KeyFormat } from "../edwards.ts";
import { KeyCache } from "../key-cache.ts";
import type { SignatureProvider } from "../signature.ts";

/** SubjectPublicKeyInfo up to the key, RFC 8410 §4. */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

function importPublicKey(publicKey: Uint8Array): KeyObject {
  checkEdwardsKey(publicKey);
  const spki = Buffer.concat([SPKI_PREFIX, publicKey]);
  return createPublicKey({ key: spki, format: "der", type: "spki" });
}

const keys = new KeyCache(importPublicKey);

/** Ed25519 (RFC 8032 §5.1) by OpenSSL, which checks without the cofactor. */
export const nativeEd25519: SignatureProvider = {
  signer(secret) {
    const pkcs8 = Buffer.from(ed25519KeyFormat.encode(secret));
    const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    pkcs8.fill(0);
    const spki = createPublicKey(key).export({ format: "der", type: "spki" });
    return {
      publicKey: spki.subarray(SPKI_PREFIX.length),
      sign: (message) => sign(null, message, key),
    };
  },

  checkPublicKey(publicKey) {
    keys.get(publicKey);
  },

  verify(publicKey, message, signature) {
    const key = keys.get(publicKey);
    return signature.length === 64 && verify(null, message, key, signature);
  },
};
