import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { decodeSign1, encodeSign1, type Sign1, verifySign1 } from "../cose/sign1.ts";
import { identityId } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { MAX_REQUEST_BYTES } from "./request.ts";

export const MAX_RENEWAL_BYTES: number = MAX_REQUEST_BYTES + 512;
const PURPOSE = "certificate-renewal";
const MAX_SERIAL_CHARACTERS = 40;

/**
 * The wish for a certificate in the place of another, guide §6.1.4: a COSE_Sign1 over
 * `["certificate-renewal", serial, request]` by the subject's signing key of now, for one chain. The
 * request carries the same key (renewal) or a new one (rekeying). No time stands in it: a device that was off
 * for months may have lost its clock; a certificate is replaced once, so a repetition changes nothing.
 */
export interface RenewalRequest {
  /** Of the certificate to be replaced. */
  readonly serial: string;
  /** PKCS#10, DER. */
  readonly request: Uint8Array;
  readonly sign1: Sign1;
}

/** @param keyId the identity's id, which is not the key's after a rotation */
export function encodeRenewalRequest(
  suite: Suite,
  signer: Signer,
  chainId: Uint8Array,
  { serial, request }: Pick<RenewalRequest, "serial" | "request">,
  keyId: Uint8Array = identityId(suite.hash, signer.publicKey),
): Uint8Array {
  const payload = new CborWriter(request.length + 96).array(3).text(PURPOSE).text(serial);
  return encodeSign1(suite, signer, keyId, chainId, payload.bytes(request).finish());
}

/** Reads it; the signature is not looked at. @throws Fault CBOR_*, SIGNATURE_INVALID for another purpose */
export function decodeRenewalRequest(encoded: Uint8Array): RenewalRequest {
  const sign1 = decodeSign1(encoded, MAX_RENEWAL_BYTES);
  const reader = new CborReader(sign1.payload);
  reader.tuple("renewal", 3);
  if (reader.text("purpose", 32) !== PURPOSE) {
    throw new Fault("SIGNATURE_INVALID", "another purpose");
  }
  const serial = reader.text("serial", MAX_SERIAL_CHARACTERS);
  const request = reader.bytes("request", MAX_REQUEST_BYTES);
  reader.end();
  return { serial, request, sign1 };
}

/** @throws Fault SIGNATURE_INVALID unless the holder of this key signed it for this chain */
export function checkRenewalSignature(
  suite: Suite,
  publicKey: Uint8Array,
  chainId: Uint8Array,
  { sign1 }: RenewalRequest,
): void {
  if (!verifySign1(suite, publicKey, chainId, sign1)) {
    throw new Fault("SIGNATURE_INVALID", "the renewal is not signed with the subject's key");
  }
}
