import smCrypto from "sm-crypto";
import type { Hash } from "../suite.ts";

/** SM3 (GB/T 32905) in JavaScript. */
export const portableSm3: Hash = (...parts) =>
  Buffer.from(smCrypto.sm3(Buffer.concat(parts)), "hex");

/** HMAC-SM3 (RFC 2104 over GB/T 32905) in JavaScript. */
export function portableHmacSm3(key: Uint8Array, message: Uint8Array): Uint8Array {
  return Buffer.from(smCrypto.sm3(message, { key }), "hex");
}
