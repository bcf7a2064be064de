import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { decodeSign1, encodeSign1, type Sign1, verifySign1 } from "../cose/sign1.ts";
import { identityId } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { leafHash } from "../merkle/tree.ts";

const VERSION = 1;
const MAX_NONCE_BYTES = 16;
/** Bytes of the largest transaction any channel accepts; a channel's genesis may set less. */
export const MAX_TRANSACTION_BYTES = 262_144;
/** How far ahead of the head `validUntilHeight` may lie. */
export const VALIDITY_WINDOW_BLOCKS = 1_024;

export interface TransactionBody {
  readonly kind: number;
  /** The last height at which a block may hold the transaction. */
  readonly validUntilHeight: number;
  /** Tells apart transactions that are otherwise equal; empty where the payload already does. */
  readonly nonce: Uint8Array;
  /** CBOR of the kind's payload. */
  readonly payload: Uint8Array;
}

/** A signed transaction: a COSE_Sign1 over `[version, kind, validUntilHeight, nonce, payload]`. */
export interface Transaction extends TransactionBody {
  /** The bytes as signed and sent. */
  readonly encoded: Uint8Array;
  /** Its name and its leaf in the block's tree: H(0x00 ‖ encoded). */
  readonly hash: Uint8Array;
  readonly sign1: Sign1;
  /** Identity id of the sender: of its first key, whichever signed. */
  readonly sender: Uint8Array;
}

/** @param sender identity id; needed where the signer's is not the identity's first key */
export function signTransaction(
  suite: Suite,
  signer: Signer,
  chainId: Uint8Array,
  body: TransactionBody,
  sender: Uint8Array = identityId(suite.hash, signer.publicKey),
): Uint8Array {
  const payload = new CborWriter(body.payload.length + 40)
    .array(5)
    .uint(VERSION)
    .uint(body.kind)
    .uint(body.validUntilHeight)
    .bytes(body.nonce)
    .raw(body.payload)
    .finish();
  return encodeSign1(suite, signer, sender, chainId, payload);
}

/** Reads a transaction; the signature is not looked at. @throws Fault CBOR_*, TX_VERSION, TX_TOO_LARGE */
export function decodeTransaction(
  suite: Suite,
  encoded: Uint8Array,
  maxBytes: number = MAX_TRANSACTION_BYTES,
): Transaction {
  if (encoded.length > maxBytes) {
    throw new Fault("TX_TOO_LARGE", `${encoded.length} bytes, at most ${maxBytes}`);
  }
  const sign1 = decodeSign1(encoded, maxBytes);
  const reader = new CborReader(sign1.payload);
  reader.tuple("transaction", 5);
  const version = reader.uint("version");
  if (version !== VERSION) throw new Fault("TX_VERSION", `version ${version} is not supported`);
  const kind = reader.uint("kind");
  const validUntilHeight = reader.uint("validUntilHeight");
  const nonce = reader.bytes("nonce", MAX_NONCE_BYTES);
  const payload = reader.raw("payload");
  reader.end();
  return {
    encoded,
    hash: leafHash(suite.hash, encoded),
    sign1,
    sender: sign1.keyId,
    kind,
    validUntilHeight,
    nonce,
    payload,
  };
}

/** True when the transaction was signed by this key for this chain. */
export function verifyTransaction(
  suite: Suite,
  publicKey: Uint8Array,
  chainId: Uint8Array,
  transaction: Transaction,
): boolean {
  return verifySign1(suite, publicKey, chainId, transaction.sign1);
}
