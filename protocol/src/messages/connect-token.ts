import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { decodeSign1, encodeSign1, verifySign1 } from "../cose/sign1.ts";
import { identityId } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";

const MAX_TOKEN_BYTES = 512;
const NONCE_BYTES = 16;
const PURPOSE = "mqtt-connect";

/**
 * Proof of an identity to the broker, sent as the MQTT password (base64url) with the identity id as
 * user name and client id: a COSE_Sign1 over `["mqtt-connect", timeMs, nonce]`. Nothing that a broker
 * stores or a log shows lets anybody else connect later.
 */
export interface ConnectToken {
  readonly timeMs: number;
  /** 16 bytes, used once. */
  readonly nonce: Uint8Array;
}

export function encodeConnectToken(
  suite: Suite,
  signer: Signer,
  chainId: Uint8Array,
  token: ConnectToken,
  keyId: Uint8Array = identityId(suite.hash, signer.publicKey),
): string {
  const payload = new CborWriter(48).array(3).text(PURPOSE).uint(token.timeMs).bytes(token.nonce);
  const encoded = encodeSign1(suite, signer, keyId, chainId, payload.finish());
  return Buffer.from(encoded).toString("base64url");
}

/** @throws Fault CBOR_*, SIGNATURE_INVALID. The caller checks age and reuse. */
export function verifyConnectToken(
  suite: Suite,
  publicKey: Uint8Array,
  chainId: Uint8Array,
  password: string,
): ConnectToken {
  const encoded = Buffer.from(password.slice(0, MAX_TOKEN_BYTES * 2), "base64url");
  const message = decodeSign1(encoded, MAX_TOKEN_BYTES);
  if (!verifySign1(suite, publicKey, chainId, message)) throw new Fault("SIGNATURE_INVALID");
  const reader = new CborReader(message.payload);
  reader.tuple("connect token", 3);
  if (reader.text("purpose", 32) !== PURPOSE)
    throw new Fault("SIGNATURE_INVALID", "another purpose");
  const token = { timeMs: reader.uint("timeMs"), nonce: reader.fixedBytes("nonce", NONCE_BYTES) };
  reader.end();
  return token;
}
