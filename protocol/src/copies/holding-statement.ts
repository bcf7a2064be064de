import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { decodeSign1, encodeSign1, type Sign1, verifySign1 } from "../cose/sign1.ts";
import { identityId } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { ROOT_BYTES } from "../objects/manifest.ts";

export const MAX_STATEMENT_BYTES = 512;
const PURPOSE = "copy-holding";

/** A holder's word that every chunk of an object is on its disk, checked against the root. */
export interface HoldingStatement {
  readonly root: Uint8Array;
  readonly chunks: number;
  /** By the holder's clock. */
  readonly heldMs: number;
}

/** A COSE_Sign1 over `["copy-holding", root, chunks, heldMs]`, bound to the chain. */
export function encodeHoldingStatement(
  suite: Suite,
  signer: Signer,
  chainId: Uint8Array,
  { root, chunks, heldMs }: HoldingStatement,
): Uint8Array {
  const writer = new CborWriter(96).array(4).text(PURPOSE).bytes(root).uint(chunks).uint(heldMs);
  const keyId = identityId(suite.hash, signer.publicKey);
  return encodeSign1(suite, signer, keyId, chainId, writer.finish());
}

/** The message, whose `keyId` says whose key to verify with. @throws Fault CBOR_* */
export function decodeHoldingStatement(encoded: Uint8Array): Sign1 {
  return decodeSign1(encoded, MAX_STATEMENT_BYTES);
}

/** @throws Fault CBOR_*, SIGNATURE_INVALID */
export function verifyHoldingStatement(
  suite: Suite,
  publicKey: Uint8Array,
  chainId: Uint8Array,
  message: Sign1,
): HoldingStatement {
  if (!verifySign1(suite, publicKey, chainId, message)) throw new Fault("SIGNATURE_INVALID");
  const reader = new CborReader(message.payload);
  reader.tuple("holding statement", 4);
  if (reader.text("purpose", 32) !== PURPOSE) {
    throw new Fault("SIGNATURE_INVALID", "another purpose");
  }
  const root = reader.fixedBytes("root", ROOT_BYTES);
  const statement = { root, chunks: reader.uint("chunks"), heldMs: reader.uint("heldMs") };
  reader.end();
  return statement;
}
