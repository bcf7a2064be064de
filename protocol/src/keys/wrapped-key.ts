import { randomBytes } from "node:crypto";
import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { aes256Gcm } from "../crypto/ciphers.ts";
import { Fault } from "../faults.ts";
import type { PassphraseCost } from "./passphrase.ts";

const VERSION = 1;
export const SALT_BYTES = 16;
const MAX_COST = 0xffff_ffff;
const MAX_SEALED_BYTES = 2_048;

/** A private key under a passphrase: argon2id and AES-256-GCM (guide §4.1.2 a). */
export interface WrappedKey {
  readonly cost: PassphraseCost;
  readonly salt: Uint8Array;
  /** Random per key; a wrapping key seals few keys, far below 2³² (NIST SP 800-38D §8.3). */
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

export function encodeWrappedKey({ cost, salt, nonce, sealed }: WrappedKey): Uint8Array {
  return new CborWriter()
    .array(7)
    .uint(VERSION)
    .uint(cost.memoryKib)
    .uint(cost.passes)
    .uint(cost.lanes)
    .bytes(salt)
    .bytes(nonce)
    .bytes(sealed)
    .finish();
}

/** @throws Fault CBOR_* */
export function decodeWrappedKey(encoded: Uint8Array): WrappedKey {
  const reader = new CborReader(encoded);
  reader.tuple("wrapped key", 7);
  const version = reader.uint("version");
  if (version !== VERSION) throw new Fault("CBOR_SHAPE", `a wrapped key of version ${version}`);
  const cost = {
    memoryKib: reader.uint("memoryKib", MAX_COST),
    passes: reader.uint("passes", MAX_COST),
    lanes: reader.uint("lanes", MAX_COST),
  };
  const salt = reader.fixedBytes("salt", SALT_BYTES);
  const nonce = reader.fixedBytes("nonce", aes256Gcm.nonceBytes);
  const sealed = reader.bytes("sealed", MAX_SEALED_BYTES);
  reader.end();
  return { cost, salt, nonce, sealed };
}

/** Seals the key and ties it to the associated data. */
export function wrapKey(
  wrappingKey: Uint8Array,
  { cost, salt }: Pick<WrappedKey, "cost" | "salt">,
  pkcs8: Uint8Array,
  associated: Uint8Array,
): Uint8Array {
  const nonce = randomBytes(aes256Gcm.nonceBytes);
  const sealed = aes256Gcm.encrypt(wrappingKey, nonce, pkcs8, associated);
  return encodeWrappedKey({ cost, salt, nonce, sealed });
}
