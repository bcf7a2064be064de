import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

/** A larger list is fetched over REST: constrained gateways take no larger message. */
export const MAX_CRL_IN_NOTICE_BYTES = 131_072;

/**
 * An authority's current CRL, kept by the broker for who connects later:
 * `[version, 18, authorityId, number, nextUpdateMs, hash, crl]`. The broker is not believed: the CRL is
 * signed, and its number only grows.
 */
export interface CrlNotice {
  /** Identity id of the issuing key. */
  readonly authorityId: Uint8Array;
  readonly number: number;
  readonly nextUpdateMs: number;
  /** The suite's hash of the CRL. */
  readonly hash: Uint8Array;
  /** DER; empty where it is too large. */
  readonly crl: Uint8Array;
}

export function encodeCrlNotice(notice: CrlNotice): Uint8Array {
  return startMessage(messageType.crlNotice, 7, notice.crl.length + 96)
    .bytes(notice.authorityId)
    .uint(notice.number)
    .uint(notice.nextUpdateMs)
    .bytes(notice.hash)
    .bytes(notice.crl)
    .finish();
}

/** @throws Fault CBOR_* */
export function decodeCrlNotice(encoded: Uint8Array): CrlNotice {
  const reader = openMessage(encoded, {
    name: "CRL notice",
    type: messageType.crlNotice,
    items: 7,
    maxBytes: MAX_CRL_IN_NOTICE_BYTES + 256,
  });
  const notice = {
    authorityId: reader.fixedBytes("authorityId", IDENTITY_ID_BYTES),
    number: reader.uint("number"),
    nextUpdateMs: reader.uint("nextUpdateMs"),
    hash: reader.fixedBytes("hash", 32),
    crl: reader.bytes("crl", MAX_CRL_IN_NOTICE_BYTES),
  };
  reader.end();
  return notice;
}
