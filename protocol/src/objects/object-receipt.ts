import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { decodeSign1, encodeSign1, type Sign1, verifySign1 } from "../cose/sign1.ts";
import { identityId } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { ROOT_BYTES } from "./manifest.ts";

const MAX_RECEIPT_BYTES = 512;
const PURPOSE = "object-receipt";

/**
 * A hub's word, given at once and whether or not the chain can be reached (guide §4.4.1 b): every chunk
 * and the signed transaction are on its disk, and it sends the transaction until it is final.
 */
export interface ObjectReceipt {
  readonly root: Uint8Array;
  /** Name of the transaction that will put the object on the chain. */
  readonly txHash: Uint8Array;
  readonly sizeBytes: number;
  /** By the hub's clock. */
  readonly receivedMs: number;
}

/**
 * A COSE_Sign1 over `["object-receipt", root, txHash, sizeBytes, receivedMs]`, bound to the chain.
 *
 * @param keyId the hub's identity id, which is not the key's after a rotation
 */
export function encodeObjectReceipt(
  suite: Suite,
  signer: Signer,
  chainId: Uint8Array,
  receipt: ObjectReceipt,
  keyId: Uint8Array = identityId(suite.hash, signer.publicKey),
): Uint8Array {
  const writer = new CborWriter(128).array(5).text(PURPOSE).bytes(receipt.root);
  writer.bytes(receipt.txHash).uint(receipt.sizeBytes).uint(receipt.receivedMs);
  return encodeSign1(suite, signer, keyId, chainId, writer.finish());
}

/** The message, whose `keyId` says whose it is. @throws Fault CBOR_* */
export function decodeObjectReceipt(encoded: Uint8Array): Sign1 {
  return decodeSign1(encoded, MAX_RECEIPT_BYTES);
}

/** @throws Fault CBOR_*, SIGNATURE_INVALID */
export function verifyObjectReceipt(
  suite: Suite,
  publicKey: Uint8Array,
  chainId: Uint8Array,
  message: Sign1,
): ObjectReceipt {
  if (!verifySign1(suite, publicKey, chainId, message)) throw new Fault("SIGNATURE_INVALID");
  const reader = new CborReader(message.payload);
  reader.tuple("object receipt", 5);
  if (reader.text("purpose", 32) !== PURPOSE) {
    throw new Fault("SIGNATURE_INVALID", "another purpose");
  }
  const receipt = {
    root: reader.fixedBytes("root", ROOT_BYTES),
    txHash: reader.fixedBytes("txHash", 32),
    sizeBytes: reader.uint("sizeBytes"),
    receivedMs: reader.uint("receivedMs"),
  };
  reader.end();
  return receipt;
}
