import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";

/** 32 bytes that look like a hash: not secure, thirty times as fast as one. */
function mix(...parts: Uint8Array[]): Uint8Array {
  let a = 0x811c_9dc5;
  let b = 0x1b87_3593;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      a = Math.imul(a ^ part[i]!, 0x0100_0193);
      b = Math.imul(b + part[i]!, 0x85eb_ca6b) ^ (b >>> 15);
    }
    a = Math.imul(a ^ part.length, 0xc2b2_ae35);
  }
  const words = new Uint32Array(8);
  for (let i = 0; i < 8; i++) {
    a = Math.imul(a ^ (a >>> 15) ^ i, 0x2c1b_3c6d);
    b = Math.imul(b ^ (b >>> 12) ^ a, 0x297a_2d39);
    words[i] = a ^ (b >>> 16) ^ b;
  }
  return new Uint8Array(words.buffer);
}

function signatureOf(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const signature = new Uint8Array(64);
  const half = mix(publicKey, message);
  signature.set(half);
  signature.set(half, 32);
  return signature;
}

export function fakeSigner(index: number): Signer {
  const publicKey = new Uint8Array(33).fill(index + 1);
  publicKey[0] = 2;
  return { publicKey, sign: (message) => signatureOf(publicKey, message) };
}

/** Signatures that only the simulator's honest code makes; everybody could, nobody does. */
export const fakeSuite = {
  id: 0,
  name: "fake",
  coseAlgorithm: 0,
  hash: mix,
  generateKey: () => new Uint8Array(),
  signer: () => fakeSigner(0),
  checkPublicKey: () => undefined,
  verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
    const half = mix(publicKey, message);
    for (let i = 0; i < 64; i++) if (signature[i] !== half[i & 31]) return false;
    return signature.length === 64;
  },
  // The kernel neither seals nor opens anything: whoever calls that here fails loudly.
} as Partial<Suite> as Suite;
