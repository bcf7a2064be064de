import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  ECDH,
  type KeyObject,
} from "node:crypto";
import { Fault } from "../../faults.ts";
import { derFromRaw, rawFromDer } from "../der-signature.ts";
import { KeyCache } from "../key-cache.ts";
import type { SignatureProvider } from "../signature.ts";
import { sm2IdentityInput, sm2KeyFormat } from "../sm2-curve.ts";

/** SubjectPublicKeyInfo of a compressed point of SM2's curve, up to the point (GM/T 0015 §5.2.3.7). */
const SPKI_PREFIX = Buffer.from("3039301306072a8648ce3d020106082a811ccf5501822d032200", "hex");

interface VerifyingKey {
  readonly key: KeyObject;
  /** ZA, GB/T 32918.2 §5.5. */
  readonly identity: Uint8Array;
}

function identityHash(compressed: Uint8Array): Uint8Array {
  // Throws where the bytes are not a point of the curve.
  const point = ECDH.convertKey(compressed, "SM2", undefined, undefined, "uncompressed") as Buffer;
  return createHash("sm3").update(sm2IdentityInput(point)).digest();
}

function importPublicKey(publicKey: Uint8Array): VerifyingKey {
  if (publicKey.length !== 33) throw new Fault("KEY_INVALID", "a public key has 33 bytes");
  try {
    const identity = identityHash(publicKey);
    const spki = Buffer.concat([SPKI_PREFIX, publicKey]);
    return { key: createPublicKey({ key: spki, format: "der", type: "spki" }), identity };
  } catch (cause) {
    throw new Fault("KEY_INVALID", "not a point of SM2's curve", { cause });
  }
}

const keys = new KeyCache(importPublicKey);

/**
 * SM2 signatures (GB/T 32918.2) by OpenSSL. Node's one-shot `sign`/`verify` use an empty user ID, and
 * keys fresh from `generateKeyPair` sign ECDSA; only a key read from DER together with
 * `createSign("sm3").update(ZA)` signs what the standard says. The self-test pins this.
 */
export const nativeSm2: SignatureProvider = {
  signer(secret) {
    const pkcs8 = Buffer.from(sm2KeyFormat.encode(secret));
    const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    pkcs8.fill(0);
    const ecdh = createECDH("SM2");
    ecdh.setPrivateKey(secret);
    const publicKey = ecdh.getPublicKey(null, "compressed");
    const identity = identityHash(publicKey);
    return {
      publicKey,
      sign: (message) => rawFromDer(createSign("sm3").update(identity).update(message).sign(key)),
    };
  },

  checkPublicKey(publicKey) {
    keys.get(publicKey);
  },

  verify(publicKey, message, signature) {
    if (signature.length !== 64) return false;
    const { key, identity } = keys.get(publicKey);
    const encoded = derFromRaw(signature);
    return createVerify("sm3").update(identity).update(message).verify(key, encoded);
  },
};
