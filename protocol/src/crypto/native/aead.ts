import { type CipherGCMTypes, createCipheriv, createDecipheriv } from "node:crypto";
import { type CipherWork, TAG_BYTES } from "../cipher-shape.ts";

/** AES-GCM or ChaCha20-Poly1305 by OpenSSL. */
export function nativeAead(name: CipherGCMTypes | "chacha20-poly1305"): CipherWork {
  const algorithm = name as CipherGCMTypes; // @types/node types both alike but names them apart
  const options = { authTagLength: TAG_BYTES };
  return {
    encrypt(key, nonce, plaintext, associated) {
      const cipher = createCipheriv(algorithm, key, nonce, options);
      cipher.setAAD(associated, { plaintextLength: plaintext.length });
      const body = cipher.update(plaintext);
      return Buffer.concat([body, cipher.final(), cipher.getAuthTag()]);
    },
    decrypt(key, nonce, ciphertext, associated) {
      const end = ciphertext.length - TAG_BYTES;
      const decipher = createDecipheriv(algorithm, key, nonce, options);
      decipher.setAAD(associated, { plaintextLength: end });
      decipher.setAuthTag(ciphertext.subarray(end));
      const body = decipher.update(ciphertext.subarray(0, end));
      return Buffer.concat([body, decipher.final()]);
    },
  };
}
