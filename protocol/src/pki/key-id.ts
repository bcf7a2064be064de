import { der } from "../crypto/der.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { implicitTag, octets, sequence, tag } from "./asn1-writer.ts";

const MAX_KEY_ID_BYTES = 32;
const KEY_ID = implicitTag(0);

function checked(keyId: Uint8Array): Uint8Array {
  const isFit = keyId.length > 0 && keyId.length <= MAX_KEY_ID_BYTES;
  if (!isFit) throw malformed("not a key identifier");
  return keyId;
}

/** RFC 5280 §4.2.1.2. */
export const encodeSubjectKeyId = octets;

export function readSubjectKeyId(value: Uint8Array): Uint8Array {
  const reader = new Asn1Reader(value);
  const keyId = checked(reader.take(tag.octetString));
  reader.end();
  return keyId;
}

/** RFC 5280 §4.2.1.1: the key identifier only. */
export function encodeAuthorityKeyId(keyId: Uint8Array): Uint8Array {
  return sequence(der(KEY_ID, keyId));
}

/** The key identifier; issuer and serial beside it say nothing more and are read over. */
export function readAuthorityKeyId(value: Uint8Array): Uint8Array | undefined {
  const outer = new Asn1Reader(value);
  const reader = outer.nested();
  outer.end();
  const keyId = reader.optional(KEY_ID);
  for (let rest = 0; rest < 2 && !reader.isAtEnd; rest++) reader.element();
  reader.end();
  return keyId && checked(keyId);
}
