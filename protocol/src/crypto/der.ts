import { Fault } from "../faults.ts";

const MAX_LENGTH_DIGITS = 3;

/** DER tags that keys and signatures need, X.690 §8. */
export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
} as const;

/**
 * Reads DER front to back and nothing but DER: definite lengths in their shortest form (X.690 §10.1).
 * The caller says what comes next, so a stranger's bytes cannot choose depth or type.
 * Every method throws what `refuse` makes: Fault KEY_INVALID.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #refuse: (detail: string) => Fault;
  #at = 0;

  constructor(bytes: Uint8Array, refuse = invalidKey) {
    this.#bytes = bytes;
    this.#refuse = refuse;
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

  /** The content of the next element, which must have this tag: a view into the input. */
  take(tag: number): Uint8Array {
    if (this.#byte() !== tag) throw this.#refuse("another DER element is expected here");
    return this.#content();
  }

  optional(tag: number): Uint8Array | undefined {
    return this.peek() === tag ? this.take(tag) : undefined;
  }

  nested(tag: number): DerReader {
    return new DerReader(this.take(tag), this.#refuse);
  }

  end(): void {
    if (!this.isAtEnd) throw this.#refuse("bytes after the end of the DER");
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw this.#refuse("the DER is cut short");
    return byte;
  }

  #content(): Uint8Array {
    const length = this.#length();
    const content = this.#bytes.subarray(this.#at, this.#at + length);
    if (content.length !== length) throw this.#refuse("the DER is cut short");
    this.#at += length;
    return content;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_DIGITS) throw this.#refuse("not a DER length");
    let length = 0;
    for (let digit = 0; digit < count; digit++) length = length * 256 + this.#byte();
    const least = count === 1 ? 0x80 : 256 ** (count - 1);
    if (length < least) throw this.#refuse("a DER length is not in its shortest form");
    return length;
  }
}

function invalidKey(detail: string): Fault {
  return new Fault("KEY_INVALID", detail);
}

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff);
  return [0x80 | digits.length, ...digits];
}

/** One DER element around the parts: definite, shortest length (X.690 §10.1). */
export function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...encodeLength(length)]), ...parts]);
}
