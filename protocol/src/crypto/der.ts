import { Fault } from "../faults.ts";

/** DER tags that keys and signatures need, X.690 §8. */
export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
} as const;

/** Reads DER front to back: definite, minimal lengths only (X.690 §10.1). @throws Fault KEY_INVALID */
export class DerReader {
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

  /** The content of the next element, which must have this tag: a view into the input. */
  take(tag: number): Uint8Array {
    if (this.#byte() !== tag) throw new Fault("KEY_INVALID", "not the expected DER element");
    const length = this.#length();
    const content = this.#bytes.subarray(this.#at, this.#at + length);
    if (content.length !== length) throw new Fault("KEY_INVALID", "the DER is cut short");
    this.#at += length;
    return content;
  }

  nested(tag: number): DerReader {
    return new DerReader(this.take(tag));
  }

  end(): void {
    if (!this.isAtEnd) throw new Fault("KEY_INVALID", "bytes after the end of the DER");
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Fault("KEY_INVALID", "the DER is cut short");
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    // Keys and signatures are far below 64 KiB: one or two bytes of length are all there is.
    if (first === 0x81) {
      const length = this.#byte();
      if (length >= 0x80) return length;
    }
    if (first === 0x82) {
      const length = (this.#byte() << 8) | this.#byte();
      if (length >= 0x100) return length;
    }
    throw new Fault("KEY_INVALID", "not a DER length");
  }
}

/** One DER element around the parts. */
export function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}
