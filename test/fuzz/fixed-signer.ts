import { international } from "@gridledger/protocol/crypto/international";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { p256 } from "@noble/curves/nist.js";

export const suite = international;
export const chainId = new Uint8Array(32).fill(9);

/** A key that is the same in every run, and signatures that are the same for the same message. */
export function fixedSigner(number: number): Signer {
  const secret = new Uint8Array(32).fill(number + 1);
  const publicKey = p256.getPublicKey(secret, true);
  return { publicKey, sign: (message) => p256.sign(message, secret, { lowS: true }) };
}
