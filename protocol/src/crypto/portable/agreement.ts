import type { ECDSA } from "@noble/curves/abstract/weierstrass.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { Fault } from "../../faults.ts";
import type { AgreementProvider } from "../agreement.ts";

/** ECDH (NIST SP 800-56A §5.7.1.2) by noble: the x coordinate. */
export function portableEcdh(curve: ECDSA): AgreementProvider {
  return {
    agreer(secret) {
      const key = Uint8Array.from(secret);
      return {
        publicKey: curve.getPublicKey(key, true),
        agree(otherPublicKey) {
          if (otherPublicKey.length !== 33) throw new Fault("KEY_INVALID", "not 33 bytes");
          try {
            return curve.getSharedSecret(key, otherPublicKey, true).subarray(1);
          } catch (cause) {
            throw new Fault("KEY_INVALID", "not a point of the curve", { cause });
          }
        },
      };
    },
  };
}

/** X25519 (RFC 7748 §6.1) by noble, which refuses the all-zero result of a low-order key. */
export const portableX25519: AgreementProvider = {
  agreer(secret) {
    const key = Uint8Array.from(secret);
    return {
      publicKey: x25519.getPublicKey(key),
      agree(otherPublicKey) {
        if (otherPublicKey.length !== 32) throw new Fault("KEY_INVALID", "not 32 bytes");
        try {
          return x25519.getSharedSecret(key, otherPublicKey);
        } catch (cause) {
          throw new Fault("KEY_INVALID", "not a good X25519 key", { cause });
        }
      },
    };
  },
};
