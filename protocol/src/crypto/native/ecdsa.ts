import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { Fault } from "../../faults.ts";
import type { EcCurve } from "../ec-curves.ts";
import { KeyCache } from "../key-cache.ts";
import type { SignatureProvider } from "../signature.ts";

function importPublicKey(curve: EcCurve, publicKey: Uint8Array): KeyObject {
  if (publicKey.length !== 33) throw new Fault("KEY_INVALID", "a public key has 33 bytes");
  try {
    const spki = Buffer.concat([curve.spkiPrefix, publicKey]);
    return createPublicKey({ key: spki, format: "der", type: "spki" });
  } catch (cause) {
    throw new Fault("KEY_INVALID", `not a point of ${curve.name}`, { cause });
  }
}

/** ECDSA with SHA-256 (FIPS 186-5 §6) by OpenSSL: r‖s, of the two values of s the lower one. */
export function nativeEcdsa(curve: EcCurve): SignatureProvider {
  const { order } = curve;
  const halfOrder = Buffer.from((order >> 1n).toString(16).padStart(64, "0"), "hex");
  const keys = new KeyCache((publicKey) => importPublicKey(curve, publicKey));
  const isLow = (signature: Uint8Array) => Buffer.compare(signature.subarray(32), halfOrder) <= 0;

  /** A signature has one form only (BIP 146's rule): −s verifies as well as s. */
  function lowS(signature: Buffer): Uint8Array {
    if (isLow(signature)) return signature;
    const low = order - BigInt(`0x${signature.toString("hex", 32)}`);
    signature.write(low.toString(16).padStart(64, "0"), 32, "hex");
    return signature;
  }

  return {
    signer(secret) {
      const pkcs8 = Buffer.from(curve.format.encode(secret));
      const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
      pkcs8.fill(0);
      const ecdh = createECDH(curve.openssl);
      ecdh.setPrivateKey(secret);
      return {
        publicKey: ecdh.getPublicKey(null, "compressed"),
        sign: (message) => lowS(sign("sha256", message, { key, dsaEncoding: "ieee-p1363" })),
      };
    },

    checkPublicKey(publicKey) {
      keys.get(publicKey);
    },

    verify(publicKey, message, signature) {
      if (signature.length !== 64 || !isLow(signature)) return false;
      const key = keys.get(publicKey);
      return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
    },
  };
}
