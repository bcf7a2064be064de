import { timingSafeEqual } from "node:crypto";
import { sm3 } from "./hashes.ts";

const POINT_BYTES = 65;
const HASH_BYTES = 32;

/** What a provider brings for SM2 encryption (GB/T 32918.4): C1‖C3‖C2, with C1 uncompressed. */
export interface Sm2EncryptionProvider {
  /** 33 bytes. */
  publicKey(secret: Uint8Array): Uint8Array;
  /** `plaintext` is not empty. @throws Fault KEY_INVALID */
  encrypt(publicKey: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Throws anything when the ciphertext is not one for this key. */
  decrypt(secret: Uint8Array, ciphertext: Uint8Array): Uint8Array;
}

/** KDF of GB/T 32918.4 §5.4.3: SM3(Z ‖ counter) for counter 1, 2 … */
function keyStream(z: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  const counter = Buffer.alloc(4);
  for (let block = 1; (block - 1) * HASH_BYTES < length; block++) {
    counter.writeUInt32BE(block);
    blocks.push(sm3.hash(z, counter));
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function xor(data: Uint8Array, stream: Uint8Array): Uint8Array {
  return data.map((byte, i) => byte ^ stream[i]!);
}

/** C3 = SM3(x2 ‖ M ‖ y2). */
function check(z: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return sm3.hash(z.subarray(0, HASH_BYTES), plaintext, z.subarray(HASH_BYTES));
}

/**
 * GB/T 32918.4 §6.1 A5–A8 from the two points, both uncompressed; undefined where another k must be
 * drawn. `shared` is kP.
 */
export function sm2Ciphertext(c1: Uint8Array, shared: Uint8Array, plaintext: Uint8Array) {
  const z = shared.subarray(1);
  const stream = keyStream(z, plaintext.length);
  if (stream.every((byte) => byte === 0)) return undefined; // A5
  return Buffer.concat([c1, check(z, plaintext), xor(plaintext, stream)]);
}

/** The first point of a ciphertext. */
export function sm2FirstPoint(ciphertext: Uint8Array): Uint8Array {
  return ciphertext.subarray(0, POINT_BYTES);
}

/** GB/T 32918.4 §7.1 B4–B6; undefined where C3 does not match. `shared` is dC1. */
export function sm2Plaintext(ciphertext: Uint8Array, shared: Uint8Array): Uint8Array | undefined {
  const z = shared.subarray(1);
  const c3 = ciphertext.subarray(POINT_BYTES, POINT_BYTES + HASH_BYTES);
  const c2 = ciphertext.subarray(POINT_BYTES + HASH_BYTES);
  if (c3.length !== HASH_BYTES) return undefined;
  const plaintext = xor(c2, keyStream(z, c2.length));
  return timingSafeEqual(check(z, plaintext), c3) ? plaintext : undefined;
}
