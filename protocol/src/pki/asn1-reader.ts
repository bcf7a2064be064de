import { Fault } from "../faults.ts";
import { tag } from "./asn1-writer.ts";
import { decodeOid } from "./oids.ts";

const MAX_LENGTH_DIGITS = 3;

/**
 * Reads DER front to back and nothing but DER: every value has one encoding (X.690 §10, §11). The
 * caller says what comes next, so a stranger's bytes cannot choose depth or type.
 * Every method throws Fault PKI_MALFORMED.
 */
export class Asn1Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The tag of the next element; undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** The next element with its header, whatever it is: a view into the input. */
  element(): Uint8Array {
    const start = this.#at;
    this.#byte();
    this.#content();
    return this.#bytes.subarray(start, this.#at);
  }

  /** The content of the next element, which must have this tag. */
  take(tagByte: number): Uint8Array {
    if (this.#byte() !== tagByte) throw malformed("another element is expected here");
    return this.#content();
  }

  nested(tagByte: number = tag.sequence): Asn1Reader {
    return new Asn1Reader(this.take(tagByte));
  }

  optional(tagByte: number): Uint8Array | undefined {
    return this.peek() === tagByte ? this.take(tagByte) : undefined;
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

  end(): void {
    if (!this.isAtEnd) throw malformed("bytes after the end");
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw malformed("the DER is cut short");
    return byte;
  }

  #content(): Uint8Array {
    const length = this.#length();
    const content = this.#bytes.subarray(this.#at, this.#at + length);
    if (content.length !== length) throw malformed("the DER is cut short");
    this.#at += length;
    return content;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_DIGITS) throw malformed("not a DER length");
    let length = 0;
    for (let digit = 0; digit < count; digit++) length = length * 256 + this.#byte();
    const least = count === 1 ? 0x80 : 256 ** (count - 1);
    if (length < least) throw malformed("a length is not in its shortest form");
    return length;
  }
}

export function malformed(detail: string, cause?: unknown): Fault {
  return new Fault("PKI_MALFORMED", detail, { cause });
}
