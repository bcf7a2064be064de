import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { Fault } from "../faults.ts";
import { KeyCache } from "./key-cache.ts";
import type { Suite } from "./suite.ts";

/** Order of P-256 (SEC 2 §2.4.2) and half of it. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = ORDER >> 1n;
const HALF_ORDER_BYTES = Buffer.from(HALF_ORDER.toString(16).padStart(64, "0"), "hex");
/** SubjectPublicKeyInfo of a compressed P-256 point, up to the point (RFC 5480 §2). */
const SPKI_PREFIX = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");

function importPublicKey(publicKey: Uint8Array): KeyObject {
  if (publicKey.length !== 33) throw new Fault("KEY_INVALID", "a public key has 33 bytes");
  try {
    return createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, publicKey]),
      format: "der",
      type: "spki",
    });
  } catch (cause) {
    throw new Fault("KEY_INVALID", "not a point of P-256", { cause });
  }
}

const keys = new KeyCache(importPublicKey);

/** Of the two valid values of s the lower one, so that a signature has one form (BIP 146's rule). */
function lowS(signature: Buffer): Uint8Array {
  const s = signature.subarray(32);
  if (Buffer.compare(s, HALF_ORDER_BYTES) <= 0) return signature;
  const low = ORDER - BigInt(`0x${s.toString("hex")}`);
  signature.write(low.toString(16).padStart(64, "0"), 32, "hex");
  return signature;
}

function compressedPoint(key: KeyObject): Uint8Array {
  const { x, y } = createPublicKey(key).export({ format: "jwk" });
  const yBytes = Buffer.from(y ?? "", "base64url");
  const parity = (yBytes.at(-1) ?? 0) & 1;
  return Buffer.concat([Buffer.from([2 | parity]), Buffer.from(x ?? "", "base64url")]);
}

/** ECDSA P-256 with SHA-256, guide §4.1.1 b). Native OpenSSL; 64-byte signatures with low s. */
export const international: Suite = {
  id: 1,
  name: "international",
  coseAlgorithm: -7, // ES256, RFC 9053 §2.1

  hash(...parts) {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  },

  generateKey() {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    return privateKey.export({ format: "der", type: "pkcs8" });
  },

  signer(pkcs8) {
    let key: KeyObject;
    try {
      key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
    } catch (cause) {
      throw new Fault("KEY_INVALID", "not a PKCS#8 private key", { cause });
    }
    if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
      throw new Fault("KEY_INVALID", "not a P-256 key");
    }
    return {
      publicKey: compressedPoint(key),
      sign: (message) => lowS(sign("sha256", message, { key, dsaEncoding: "ieee-p1363" })),
    };
  },

  checkPublicKey(publicKey) {
    keys.get(publicKey);
  },

  verify(publicKey, message, signature) {
    if (signature.length !== 64) return false;
    if (Buffer.compare(signature.subarray(32), HALF_ORDER_BYTES) > 0) return false;
    const key = keys.get(publicKey);
    return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
  },
};
