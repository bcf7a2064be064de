import type { ECDSA } from "@noble/curves/abstract/weierstrass.js";
import { Fault } from "../../faults.ts";
import { KeyCache } from "../key-cache.ts";
import type { SignatureProvider } from "../signature.ts";

const OPTIONS = { prehash: true, lowS: true, format: "compact" } as const;

/** ECDSA with SHA-256 by noble: deterministic (RFC 6979), r‖s with low s. */
export function portableEcdsa(curve: ECDSA): SignatureProvider {
  const keys = new KeyCache((publicKey) => {
    if (publicKey.length !== 33) throw new Fault("KEY_INVALID", "a public key has 33 bytes");
    try {
      curve.Point.fromBytes(publicKey).assertValidity();
      return Uint8Array.from(publicKey);
    } catch (cause) {
      throw new Fault("KEY_INVALID", "not a point of the curve", { cause });
    }
  });

  return {
    signer(secret) {
      const key = Uint8Array.from(secret);
      return {
        publicKey: curve.getPublicKey(key, true),
        sign: (message) => curve.sign(message, key, OPTIONS),
      };
    },

    checkPublicKey(publicKey) {
      keys.get(publicKey);
    },

    verify(publicKey, message, signature) {
      if (signature.length !== 64) return false;
      return curve.verify(signature, message, keys.get(publicKey), OPTIONS);
    },
  };
}
