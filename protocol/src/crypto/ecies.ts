import { Fault } from "../faults.ts";
import type { AgreementAlgorithm } from "./agreement.ts";
import { ecdhP256, ecdhSecp256k1, x25519 } from "./agreements.ts";
import { aes256Gcm, type CipherAlgorithm, chacha20Poly1305 } from "./ciphers.ts";
import { hkdf, hmacSha256 } from "./macs.ts";
import type { SealingAlgorithm } from "./sealing.ts";

const NO_SALT = new Uint8Array();

/**
 * ECIES (SEC 1 §5.1) with HKDF-SHA256 (RFC 5869) and an AEAD: ephemeral public key ‖ ciphertext ‖ tag.
 * Key and nonce come from the shared secret and both public keys, so no nonce is ever used twice; the
 * context is the AEAD's associated data.
 */
function ecies(
  name: string,
  agreement: AgreementAlgorithm,
  cipher: CipherAlgorithm,
): SealingAlgorithm {
  const { publicKeyBytes } = agreement;
  const label = Buffer.from(`gridledger ${name} v1`);

  function derive(shared: Uint8Array, ephemeralKey: Uint8Array, recipientKey: Uint8Array) {
    const info = Buffer.concat([label, ephemeralKey, recipientKey]);
    const { keyBytes, nonceBytes } = cipher;
    const material = hkdf(hmacSha256.mac, shared, NO_SALT, info, keyBytes + nonceBytes);
    return { key: material.subarray(0, keyBytes), nonce: material.subarray(keyBytes) };
  }

  return {
    name,
    providers: agreement.providers,
    generateSealingKey: () => agreement.generateKey(),

    seal(recipientPublicKey, plaintext, context) {
      const ephemeral = agreement.ephemeral();
      const shared = ephemeral.agree(recipientPublicKey);
      const { key, nonce } = derive(shared, ephemeral.publicKey, recipientPublicKey);
      return Buffer.concat([ephemeral.publicKey, cipher.encrypt(key, nonce, plaintext, context)]);
    },

    opener(pkcs8) {
      const own = agreement.agreer(pkcs8);
      return {
        publicKey: own.publicKey,
        open(sealed, context) {
          const ephemeralKey = sealed.subarray(0, publicKeyBytes);
          let shared: Uint8Array;
          try {
            shared = own.agree(ephemeralKey);
          } catch (cause) {
            throw new Fault("SEALED_INVALID", "", { cause });
          }
          const { key, nonce } = derive(shared, ephemeralKey, own.publicKey);
          return cipher.decrypt(key, nonce, sealed.subarray(publicKeyBytes), context);
        },
      };
    },
  };
}

/** Guide §4.1.1 b). */
export const eciesP256: SealingAlgorithm = ecies("ecies-p256", ecdhP256, aes256Gcm);
export const eciesSecp256k1: SealingAlgorithm = ecies(
  "ecies-secp256k1",
  ecdhSecp256k1,
  chacha20Poly1305,
);
export const eciesX25519: SealingAlgorithm = ecies("ecies-x25519", x25519, chacha20Poly1305);
