import { der } from "../crypto/der.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { oidElement, sequence, tag } from "./asn1-writer.ts";

/** Bits of KeyUsage in their order, RFC 5280 §4.2.1.3. */
const usages = [
  "digitalSignature",
  "contentCommitment",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "certificateSigning",
  "crlSigning",
  "encipherOnly",
  "decipherOnly",
] as const;

export type KeyUsage = (typeof usages)[number];

/** A named bit list without its trailing zeros, X.690 §11.2.2. */
export function encodeKeyUsage(wanted: readonly KeyUsage[]): Uint8Array {
  const places = wanted.map((usage) => usages.indexOf(usage));
  const last = Math.max(...places);
  const bytes = Buffer.alloc((last >> 3) + 1);
  for (const place of places) bytes[place >> 3] = (bytes[place >> 3] ?? 0) | (0x80 >> (place & 7));
  return der(tag.bitString, Buffer.of(7 - (last & 7)), bytes);
}

/** @throws Fault PKI_MALFORMED for an empty set, unknown bits and a second form of the same set */
export function readKeyUsage(value: Uint8Array): ReadonlySet<KeyUsage> {
  const content = new Asn1Reader(value).take(tag.bitString);
  const found = usages.filter(
    (_, place) => ((content[(place >> 3) + 1] ?? 0) & (0x80 >> (place & 7))) !== 0,
  );
  if (found.length === 0 || Buffer.compare(encodeKeyUsage(found), value) !== 0) {
    throw malformed("not a key usage");
  }
  return new Set(found);
}

const MAX_PURPOSES = 8;

/** RFC 5280 §4.2.1.12. */
export function encodeExtendedUsage(purposes: readonly string[]): Uint8Array {
  return sequence(...purposes.map(oidElement));
}

/** OIDs of the purposes. @throws Fault PKI_MALFORMED */
export function readExtendedUsage(value: Uint8Array): readonly string[] {
  const outer = new Asn1Reader(value);
  const reader = outer.nested();
  outer.end();
  const purposes: string[] = [];
  while (!reader.isAtEnd && purposes.length < MAX_PURPOSES) purposes.push(reader.oid());
  reader.end();
  if (purposes.length === 0) throw malformed("an empty extended key usage");
  return purposes;
}
