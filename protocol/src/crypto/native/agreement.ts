import { createECDH, createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { Fault } from "../../faults.ts";
import type { AgreementProvider } from "../agreement.ts";
import type { EcCurve } from "../ec-curves.ts";
import { x25519KeyFormat } from "../edwards.ts";

/** ECDH (NIST SP 800-56A §5.7.1.2) by OpenSSL: the x coordinate. */
export function nativeEcdh(curve: EcCurve): AgreementProvider {
  return {
    agreer(secret) {
      const ecdh = createECDH(curve.openssl);
      ecdh.setPrivateKey(secret);
      return {
        publicKey: ecdh.getPublicKey(null, "compressed"),
        agree(otherPublicKey) {
          if (otherPublicKey.length !== 33) throw new Fault("KEY_INVALID", "not 33 bytes");
          try {
            return ecdh.computeSecret(otherPublicKey);
          } catch (cause) {
            throw new Fault("KEY_INVALID", `not a point of ${curve.name}`, { cause });
          }
        },
      };
    },
  };
}

/** SubjectPublicKeyInfo up to the key, RFC 8410 §4. */
const X25519_SPKI_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

/** X25519 (RFC 7748 §6.1) by OpenSSL, which refuses the all-zero result of a low-order key. */
export const nativeX25519: AgreementProvider = {
  agreer(secret) {
    const pkcs8 = Buffer.from(x25519KeyFormat.encode(secret));
    const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    pkcs8.fill(0);
    const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
    return {
      publicKey: spki.subarray(X25519_SPKI_PREFIX.length),
      agree(otherPublicKey) {
        if (otherPublicKey.length !== 32) throw new Fault("KEY_INVALID", "not 32 bytes");
        const key = Buffer.concat([X25519_SPKI_PREFIX, otherPublicKey]);
        try {
          const publicKey = createPublicKey({ key, format: "der", type: "spki" });
          return diffieHellman({ privateKey, publicKey });
        } catch (cause) {
          throw new Fault("KEY_INVALID", "not a good X25519 key", { cause });
        }
      },
    };
  },
};
