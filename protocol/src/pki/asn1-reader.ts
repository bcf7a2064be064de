import { DerReader } from "../crypto/der.ts";
import { Fault } from "../faults.ts";
import { tag } from "./asn1-writer.ts";
import { decodeOid } from "./oids.ts";

/** Reads the DER of certificates: every value has one encoding (X.690 §10, §11). Every method throws Fault PKI_MALFORMED. */
export class Asn1Reader extends DerReader {
  constructor(bytes: Uint8Array) {
    super(bytes, malformed);
  }

  override nested(tagByte: number = tag.sequence): Asn1Reader {
    return new Asn1Reader(this.take(tagByte));
  }

  oid(): string {
    return decodeOid(this.take(tag.objectIdentifier));
  }

  /** A number ≥ 0 as its digits without leading zeros, at most `maxBytes` of them. */
  unsigned(maxBytes: number): Uint8Array {
    const content = this.take(tag.integer);
    const [first, second = 0x80] = content;
    if (first === undefined || first >= 0x80) throw malformed("a number below zero");
    const isPadded = first === 0 && content.length > 1;
    if (isPadded && second < 0x80) throw malformed("a number is not in its shortest form");
    const digits = isPadded ? content.subarray(1) : content;
    if (digits.length > maxBytes) throw malformed("a number is too large");
    return digits;
  }

  /** A number from 0 to 65535. */
  smallNumber(): number {
    return this.unsigned(2).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** BOOLEAN DEFAULT FALSE: left out, or TRUE and nothing else (X.690 §11.1, §11.5). */
  flag(): boolean {
    const content = this.optional(tag.boolean);
    if (content === undefined) return false;
    if (content.length !== 1 || content[0] !== 0xff) throw malformed("a flag is TRUE or left out");
    return true;
  }

  /** A BIT STRING of whole bytes. */
  bits(): Uint8Array {
    const content = this.take(tag.bitString);
    if (content[0] !== 0) throw malformed("a bit string with unused bits");
    return content.subarray(1);
  }
}

export function malformed(detail: string, cause?: unknown): Fault {
  return new Fault("PKI_MALFORMED", detail, { cause });
}
