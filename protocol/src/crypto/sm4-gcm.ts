import { timingSafeEqual } from "node:crypto";
import { GHASH } from "@noble/ciphers/_polyval.js";
import { type CipherWork, TAG_BYTES } from "./cipher-shape.ts";

const BLOCK_BYTES = 16;
const ZERO_BLOCK = new Uint8Array(BLOCK_BYTES);

/** SM4 in counter mode (GB/T 17964 §9) from this first counter block. */
export type Sm4Ctr = (key: Uint8Array, counter: Uint8Array, data: Uint8Array) => Uint8Array;

function lengths(associated: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.writeBigUInt64BE(8n * BigInt(associated.length), 0);
  block.writeBigUInt64BE(8n * BigInt(ciphertext.length), 8);
  return block;
}

/**
 * SM4-GCM (RFC 8998 §2, NIST SP 800-38D §7) over anybody's SM4-CTR. Node's OpenSSL has no sm4-gcm, so
 * GHASH is noble's. GCM and not CTR with HMAC-SM3: it is the mode the standards of both worlds name
 * for SM4, it has published vectors, and it takes one key.
 */
export function sm4Gcm(ctr: Sm4Ctr): CipherWork {
  function tag(key: Uint8Array, mask: Uint8Array, ciphertext: Uint8Array, associated: Uint8Array) {
    const hash = new GHASH(ctr(key, ZERO_BLOCK, ZERO_BLOCK), ciphertext.length);
    hash.update(associated).update(ciphertext).update(lengths(associated, ciphertext));
    return hash.digest().map((byte, i) => byte ^ mask[i]!);
  }

  /** E(J0) and, from the next counter on, the data under the key stream. */
  function stream(key: Uint8Array, nonce: Uint8Array, data: Uint8Array) {
    const firstCounter = Buffer.concat([nonce, Buffer.of(0, 0, 0, 1)]);
    const output = ctr(key, firstCounter, Buffer.concat([ZERO_BLOCK, data]));
    return { mask: output.subarray(0, BLOCK_BYTES), body: output.subarray(BLOCK_BYTES) };
  }

  return {
    encrypt(key, nonce, plaintext, associated) {
      const { mask, body } = stream(key, nonce, plaintext);
      return Buffer.concat([body, tag(key, mask, body, associated)]);
    },
    decrypt(key, nonce, sealed, associated) {
      const end = sealed.length - TAG_BYTES;
      const ciphertext = sealed.subarray(0, end);
      const { mask, body } = stream(key, nonce, ciphertext);
      const isAuthentic = timingSafeEqual(
        tag(key, mask, ciphertext, associated),
        sealed.subarray(end),
      );
      if (!isAuthentic) throw new Error("the tag does not match");
      return body;
    },
  };
}
