import { ed25519 } from "@noble/curves/ed25519.js";
import { Fault } from "../faults.ts";
import { rawKeyFormat } from "./key-format.ts";

/** 1.3.101.112, RFC 8410 §3. */
export const ed25519KeyFormat = rawKeyFormat(Buffer.from("2b6570", "hex"));
/** 1.3.101.110, RFC 8410 §3. */
export const x25519KeyFormat = rawKeyFormat(Buffer.from("2b656e", "hex"));

/**
 * Only points of the prime-order group in their one encoding are keys. With another one (low order,
 * mixed order, y ≥ p) implementations of RFC 8032 disagree, and a network must not.
 *
 * @throws Fault KEY_INVALID
 */
export function checkEdwardsKey(publicKey: Uint8Array): void {
  if (publicKey.length !== 32) throw new Fault("KEY_INVALID", "a public key has 32 bytes");
  let isInGroup: boolean;
  try {
    const point = ed25519.Point.fromBytes(publicKey);
    isInGroup = !point.is0() && point.isTorsionFree();
  } catch (cause) {
    throw new Fault("KEY_INVALID", "not a point of edwards25519", { cause });
  }
  if (!isInGroup) throw new Fault("KEY_INVALID", "not a point of the prime-order group");
}
