import { der, derTag } from "../crypto/der.ts";
import { encodeOid } from "./oids.ts";

/** DER tags of certificates, requests and CRLs, X.680 §8.4. */
export const tag = {
  ...derTag,
  boolean: 0x01,
  null: 0x05,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  set: 0x31,
} as const;

/** Context tag [n] over a primitive value (IMPLICIT). */
export const implicitTag = (n: number): number => 0x80 | n;
/** Context tag [n] over other elements (EXPLICIT, or IMPLICIT over a constructed value). */
export const explicitTag = (n: number): number => 0xa0 | n;

export const sequence = (...parts: Uint8Array[]): Uint8Array => der(tag.sequence, ...parts);
export const oidElement = (text: string): Uint8Array => der(tag.objectIdentifier, encodeOid(text));
export const octets = (content: Uint8Array): Uint8Array => der(tag.octetString, content);
export const utf8 = (text: string): Uint8Array => der(tag.utf8String, Buffer.from(text));
/** A BIT STRING of whole bytes. */
export const bits = (content: Uint8Array): Uint8Array => der(tag.bitString, Buffer.of(0), content);
export const TRUE: Uint8Array = der(tag.boolean, Buffer.of(0xff)); // X.690 §11.1

/** A SET OF: its elements in the order of their bytes (X.690 §11.6). */
export function setOf(...parts: Uint8Array[]): Uint8Array {
  return der(tag.set, ...parts.toSorted(Buffer.compare));
}

/** The INTEGER of an unsigned big-endian number, shortest form (X.690 §8.3.2). */
export function unsigned(digits: Uint8Array): Uint8Array {
  let start = 0;
  while (start < digits.length - 1 && digits[start] === 0) start++;
  const short = digits.subarray(start);
  return der(tag.integer, ...((short[0] ?? 0) >= 0x80 ? [Buffer.of(0), short] : [short]));
}

export function integer(value: bigint | number): Uint8Array {
  const digits = value.toString(16);
  return unsigned(Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex"));
}
