import { createHash, createHmac, hash as hashOnce } from "node:crypto";
import type { Hash } from "../suite.ts";

/** A hash by OpenSSL. One part goes through the one-shot call, which makes no stream object. */
export function nativeHash(name: string): Hash {
  return (...parts) => {
    if (parts.length === 1) return hashOnce(name, parts[0]!, "buffer");
    const hash = createHash(name);
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
}

/** HMAC (RFC 2104) over one of OpenSSL's hashes. */
export function nativeHmac(name: string) {
  return (key: Uint8Array, message: Uint8Array): Uint8Array =>
    createHmac(name, key).update(message).digest();
}
