import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { compareBytes } from "../../cbor/reader.ts";
import { checkEdwardsKey } from "../edwards.ts";
import { KeyCache } from "../key-cache.ts";
import type { SignatureProvider } from "../signature.ts";

const { Point } = ed25519;

const keys = new KeyCache((publicKey) => {
  checkEdwardsKey(publicKey);
  return Point.fromBytes(publicKey);
});

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

/**
 * Ed25519 (RFC 8032 §5.1) by noble. Verification is written out here because noble's own multiplies
 * by the cofactor and OpenSSL's does not: the two would disagree on signatures made to split them.
 */
export const portableEd25519: SignatureProvider = {
  signer(secret) {
    const key = Uint8Array.from(secret);
    return {
      publicKey: ed25519.getPublicKey(key),
      sign: (message) => ed25519.sign(message, key),
    };
  },

  checkPublicKey(publicKey) {
    keys.get(publicKey);
  },

  verify(publicKey, message, signature) {
    const point = keys.get(publicKey);
    if (signature.length !== 64) return false;
    const r = signature.subarray(0, 32);
    const s = littleEndian(signature.subarray(32));
    if (s >= Point.Fn.ORDER) return false; // RFC 8032 §5.1.7: no second form of a signature
    const h = sha512(Buffer.concat([r, publicKey, message]));
    const k = Point.Fn.create(littleEndian(h));
    const expected = Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k));
    return compareBytes(expected.toBytes(), r) === 0;
  },
};
