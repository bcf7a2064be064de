import type { Hash } from "./suite.ts";

/** Bytes of an identity's id: short enough for topics, long enough that nobody finds a second key. */
export const IDENTITY_ID_BYTES = 10;

/** An identity's id: the first 10 bytes of the hash of its public key. */
export function identityId(hash: Hash, publicKey: Uint8Array): Uint8Array {
  return hash(publicKey).subarray(0, IDENTITY_ID_BYTES);
}
