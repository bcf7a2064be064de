import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";

const ALGORITHM = 1; // RFC 9052 §3.1
const KEY_ID = 4;
const MAX_PROTECTED_BYTES = 64;
const SIGNATURE_BYTES = 64;
/** The text that every signed structure begins with (RFC 9052 §4.4), encoded once. */
const CONTEXT_TEXT = new CborWriter(16).text("Signature1").finish();

/**
 * A COSE_Sign1 (RFC 9052 §4.2) in the one form Gridledger writes: untagged, protected header
 * `{1: algorithm, 4: kid}`, empty unprotected header, payload attached. Byte fields are views into
 * the decoded bytes, so what is verified is what was received.
 */
export interface Sign1 {
  /** All the bytes. */
  readonly encoded: Uint8Array;
  readonly protectedHeader: Uint8Array;
  readonly coseAlgorithm: number;
  /** Identity id of the signer, 10 bytes. */
  readonly keyId: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** What is signed, RFC 9052 §4.4. `context` is the external_aad: it binds the chain at no cost in bytes. */
function signatureStructure(
  protectedHeader: Uint8Array,
  context: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  return new CborWriter(payload.length + 160)
    .array(4)
    .raw(CONTEXT_TEXT)
    .bytes(protectedHeader)
    .bytes(context)
    .bytes(payload)
    .finish();
}

export function encodeSign1(
  suite: Suite,
  signer: Signer,
  keyId: Uint8Array,
  context: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const protectedHeader = new CborWriter(32)
    .map(2)
    .int(ALGORITHM)
    .int(suite.coseAlgorithm)
    .int(KEY_ID)
    .bytes(keyId)
    .finish();
  const signature = signer.sign(signatureStructure(protectedHeader, context, payload));
  return new CborWriter(payload.length + 160)
    .array(4)
    .bytes(protectedHeader)
    .map(0)
    .bytes(payload)
    .bytes(signature)
    .finish();
}

/** @throws Fault CBOR_* when the bytes are anything but the one form described at `Sign1` */
export function decodeSign1(encoded: Uint8Array, maxBytes: number): Sign1 {
  const reader = new CborReader(encoded, maxBytes);
  reader.tuple("COSE_Sign1", 4);
  const protectedHeader = reader.bytes("protected header", MAX_PROTECTED_BYTES);
  if (reader.map("unprotected header", 0) !== 0) throw new Fault("CBOR_SHAPE");
  const payload = reader.bytes("payload", maxBytes);
  const signature = reader.fixedBytes("signature", SIGNATURE_BYTES);
  reader.end();

  const header = new CborReader(protectedHeader);
  if (header.map("protected header", 2) !== 2 || header.int("algorithm label") !== ALGORITHM) {
    throw new Fault("CBOR_SHAPE", "the protected header must be {1: algorithm, 4: kid}");
  }
  const coseAlgorithm = header.int("algorithm");
  if (header.int("key id label") !== KEY_ID) {
    throw new Fault("CBOR_SHAPE", "the protected header must be {1: algorithm, 4: kid}");
  }
  const keyId = header.fixedBytes("key id", IDENTITY_ID_BYTES);
  header.end();
  return { encoded, protectedHeader, coseAlgorithm, keyId, payload, signature };
}

/** True when the signature is the key's, under this suite and in this context. */
export function verifySign1(
  suite: Suite,
  publicKey: Uint8Array,
  context: Uint8Array,
  message: Sign1,
): boolean {
  if (message.coseAlgorithm !== suite.coseAlgorithm) return false;
  const signed = signatureStructure(message.protectedHeader, context, message.payload);
  return suite.verify(publicKey, signed, message.signature);
}
