import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { ROOT_BYTES } from "./manifest.ts";

/**
 * A replica's word that an object's bytes, leaves and salts are gone from it, kind 18: `[root]`. The
 * signature of the transaction is the replica's.
 */
export interface ErasureReceipt {
  readonly root: Uint8Array;
}

export function encodeErasureReceipt({ root }: ErasureReceipt): Uint8Array {
  return new CborWriter(40).array(1).bytes(root).finish();
}

/** @throws Fault CBOR_* */
export function decodeErasureReceipt(encoded: Uint8Array): ErasureReceipt {
  const reader = new CborReader(encoded);
  reader.tuple("erasure receipt", 1);
  const root = reader.fixedBytes("root", ROOT_BYTES);
  reader.end();
  return { root };
}
