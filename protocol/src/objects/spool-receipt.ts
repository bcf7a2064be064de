import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { decodeSign1, encodeSign1, type Sign1, verifySign1 } from "../cose/sign1.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { decodeManifest, encodeManifest, type ObjectManifest } from "./manifest.ts";

const MAX_RECEIPT_BYTES = 1_024;
const MAX_MANIFEST_BYTES = 512;
const PURPOSE = "object-spool-receipt";

/**
 * A gateway's own word while no hub can be reached (guide §4.4.1 b): the bytes are durably on its disk. It
 * names no transaction: that is signed when it is sent, since its window of heights is not known before.
 */
export interface SpoolReceipt {
  readonly manifest: ObjectManifest;
  /** By the gateway's clock. */
  readonly spooledMs: number;
}

/**
 * A COSE_Sign1 over `["object-spool-receipt", manifest, spooledMs]`, bound to the chain.
 *
 * @param keyId the gateway's identity id, which is not the key's after a rotation
 */
export function encodeSpoolReceipt(
  suite: Suite,
  signer: Signer,
  chainId: Uint8Array,
  { manifest, spooledMs }: SpoolReceipt,
  keyId: Uint8Array,
): Uint8Array {
  const writer = new CborWriter(512).array(3).text(PURPOSE);
  writer.bytes(encodeManifest(manifest)).uint(spooledMs);
  return encodeSign1(suite, signer, keyId, chainId, writer.finish());
}

/** The message, whose `keyId` says whose it is. @throws Fault CBOR_* */
export function decodeSpoolReceipt(encoded: Uint8Array): Sign1 {
  return decodeSign1(encoded, MAX_RECEIPT_BYTES);
}

/** What it says, whoever signed it. @throws Fault CBOR_*, OBJECT_SHAPE, SIGNATURE_INVALID for another purpose */
export function readSpoolReceipt({ payload }: Pick<Sign1, "payload">): SpoolReceipt {
  const reader = new CborReader(payload);
  reader.tuple("spool receipt", 3);
  if (reader.text("purpose", 32) !== PURPOSE) {
    throw new Fault("SIGNATURE_INVALID", "another purpose");
  }
  const manifest = decodeManifest(reader.bytes("manifest", MAX_MANIFEST_BYTES));
  const spooledMs = reader.uint("spooledMs");
  reader.end();
  return { manifest, spooledMs };
}

/** @throws Fault CBOR_*, OBJECT_SHAPE, SIGNATURE_INVALID */
export function verifySpoolReceipt(
  suite: Suite,
  publicKey: Uint8Array,
  chainId: Uint8Array,
  message: Sign1,
): SpoolReceipt {
  if (!verifySign1(suite, publicKey, chainId, message)) throw new Fault("SIGNATURE_INVALID");
  return readSpoolReceipt(message);
}
