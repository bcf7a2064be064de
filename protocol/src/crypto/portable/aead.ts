import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { CipherWork } from "../cipher-shape.ts";

function portableAead(aead: typeof gcm | typeof chacha20poly1305): CipherWork {
  return {
    encrypt: (key, nonce, plaintext, associated) => aead(key, nonce, associated).encrypt(plaintext),
    decrypt: (key, nonce, ciphertext, associated) =>
      aead(key, nonce, associated).decrypt(ciphertext),
  };
}

/** AES-GCM by noble; the key's length says which AES. */
export const portableAesGcm: CipherWork = portableAead(gcm);
/** ChaCha20-Poly1305 by noble. */
export const portableChaCha20Poly1305: CipherWork = portableAead(chacha20poly1305);
