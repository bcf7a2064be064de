import { createHash, createHmac, hash as hashOnce } from "node:crypto";
import type { Hash } from "../suite.ts";

const HASH_BYTES = 32;
/** Short parts are put together here: one call into OpenSSL, and no stream object for each hash. */
const joined = Buffer.allocUnsafeSlow(65_536);

/**
 * A hash by OpenSSL. What comes out is a small array of its own: a buffer of Node's would be a thing outside
 * the heap for each hash, which costs more than the hash itself.
 */
export function nativeHash(name: string): Hash {
  return (...parts) => {
    const whole = parts.length === 1 ? parts[0]! : join(parts);
    if (whole !== undefined) return fromBinary(hashOnce(name, whole, "binary"));
    const hash = createHash(name);
    for (const part of parts) hash.update(part);
    return fromBinary(hash.digest("binary"));
  };
}

/** The parts one after the other, until the next call; undefined where there is no room. */
function join(parts: readonly Uint8Array[]): Uint8Array | undefined {
  let at = 0;
  for (const part of parts) {
    if (at + part.length > joined.length) return undefined;
    joined.set(part, at);
    at += part.length;
  }
  return joined.subarray(0, at);
}

function fromBinary(text: string): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** HMAC (RFC 2104) over one of OpenSSL's hashes. */
export function nativeHmac(name: string) {
  return (key: Uint8Array, message: Uint8Array): Uint8Array =>
    createHmac(name, key).update(message).digest();
}
