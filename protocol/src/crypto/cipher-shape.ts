import { Fault } from "../faults.ts";
import type { Cipher } from "./suite.ts";

export const TAG_BYTES = 16;

/** What a provider brings for a cipher: called with key and nonce of the right length. */
export interface CipherWork {
  encrypt: Cipher["encrypt"];
  /** Throws anything when the ciphertext is not authentic. */
  decrypt: Cipher["decrypt"];
}

/** The checks that all providers share, so that they refuse the same things with the same code. */
export function shapedCipher(keyBytes: number, nonceBytes: number, work: CipherWork): Cipher {
  function check(key: Uint8Array, nonce: Uint8Array): void {
    if (key.length !== keyBytes)
      throw new Fault("KEY_INVALID", `the key must have ${keyBytes} bytes`);
    if (nonce.length !== nonceBytes) {
      throw new Fault("KEY_INVALID", `the nonce must have ${nonceBytes} bytes`);
    }
  }

  return {
    keyBytes,
    nonceBytes,
    encrypt(key, nonce, plaintext, associated) {
      check(key, nonce);
      return work.encrypt(key, nonce, plaintext, associated);
    },
    decrypt(key, nonce, ciphertext, associated) {
      check(key, nonce);
      if (ciphertext.length < TAG_BYTES) throw new Fault("SEALED_INVALID", "shorter than its tag");
      try {
        return work.decrypt(key, nonce, ciphertext, associated);
      } catch (cause) {
        throw new Fault("SEALED_INVALID", "", { cause });
      }
    },
  };
}
