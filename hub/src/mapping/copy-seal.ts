import { randomBytes } from "node:crypto";
import { aes256Gcm } from "@gridledger/protocol/crypto/ciphers";
import { hkdf, hmacSha256 } from "@gridledger/protocol/crypto/macs";

const INFO = "gridledger mapping copies/1";
const KEY_BYTES = 32;

/** Seals copies of rows as they were found: they are evidence, and may be personal. */
export class CopySeal {
  readonly #key: Uint8Array;
  readonly #mapping: Uint8Array;

  /** @param master 32 bytes of the mapping page */
  constructor(master: Uint8Array, mappingId: Uint8Array) {
    this.#mapping = mappingId;
    const info = Buffer.concat([Buffer.from(INFO), mappingId]);
    this.#key = hkdf(hmacSha256.mac, master, new Uint8Array(), info, KEY_BYTES);
  }

  /** Nonce, then AES-256-GCM of the row. */
  seal(row: Uint8Array): Uint8Array {
    const nonce = randomBytes(aes256Gcm.nonceBytes);
    return Buffer.concat([nonce, aes256Gcm.encrypt(this.#key, nonce, row, this.#mapping)]);
  }

  /** @throws Fault SEALED_INVALID */
  open(sealed: Uint8Array): Uint8Array {
    const nonce = sealed.subarray(0, aes256Gcm.nonceBytes);
    const content = sealed.subarray(aes256Gcm.nonceBytes);
    return aes256Gcm.decrypt(this.#key, nonce, content, this.#mapping);
  }
}
