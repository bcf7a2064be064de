import { secp256k1 } from "@noble/curves/secp256k1.js";
import { Fault } from "../faults.ts";
import { ADDRESS_BYTES } from "./address.ts";
import { keccak256 } from "./keccak.ts";

/** A signature of secp256k1 from which its key can be told. */
export interface RecoverableSignature {
  readonly r: bigint;
  readonly s: bigint;
  /** Whether the y coordinate of the nonce point is odd. */
  readonly yParity: 0 | 1;
}

/** Half of the order of the group, rounded down: a larger s is the same signature again (EIP-2). */
const HALF_ORDER = secp256k1.Point.Fn.ORDER >> 1n;

/** The Ethereum address whose key signed the hash. @throws Fault SIGNATURE_INVALID */
export function recoverAddress(hash: Uint8Array, signature: RecoverableSignature): Uint8Array {
  const { r, s, yParity } = signature;
  if (s > HALF_ORDER) throw new Fault("SIGNATURE_INVALID", "s is in the upper half (EIP-2)");
  try {
    const point = new secp256k1.Signature(r, s, yParity).recoverPublicKey(hash);
    return keccak256(point.toBytes(false).subarray(1)).slice(-ADDRESS_BYTES);
  } catch (cause) {
    throw new Fault("SIGNATURE_INVALID", "no key of secp256k1 made this signature", { cause });
  }
}
