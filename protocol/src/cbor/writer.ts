import { Fault } from "../faults.ts";

const INITIAL_BYTES = 256;
const TWO_32 = 0x1_0000_0000;
const utf8 = new TextEncoder();

/**
 * Writes deterministic CBOR (RFC 8949 §4.2.1): shortest heads, definite lengths, no floats, no tags.
 * Calls chain: `new CborWriter().array(2).uint(1).bytes(hash).finish()`.
 */
export class CborWriter {
  #buffer: Uint8Array;
  #length = 0;

  constructor(initialBytes = INITIAL_BYTES) {
    this.#buffer = new Uint8Array(initialBytes);
  }

  /** An integer of −2⁵³+1 … 2⁵³−1. */
  int(value: number): this {
    if (!Number.isSafeInteger(value)) throw new Fault("CBOR_SHAPE", `not a safe integer: ${value}`);
    if (value >= 0) this.#head(0, value);
    else this.#head(1, -1 - value);
    return this;
  }

  uint(value: number): this {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new Fault("CBOR_SHAPE", `not an unsigned integer: ${value}`);
    }
    this.#head(0, value);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#head(2, value.length);
    return this.raw(value);
  }

  text(value: string): this {
    const encoded = utf8.encode(value);
    this.#head(3, encoded.length);
    return this.raw(encoded);
  }

  array(items: number): this {
    this.#head(4, items);
    return this;
  }

  /** The caller writes `entries` pairs in bytewise order of their encoded keys. */
  map(entries: number): this {
    this.#head(5, entries);
    return this;
  }

  bool(value: boolean): this {
    return this.#simple(value ? 0xf5 : 0xf4);
  }

  null(): this {
    return this.#simple(0xf6);
  }

  /** Bytes that already are CBOR: what was encoded once is copied, never encoded again. */
  raw(encoded: Uint8Array): this {
    this.#reserve(encoded.length);
    this.#buffer.set(encoded, this.#length);
    this.#length += encoded.length;
    return this;
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #simple(byte: number): this {
    this.#reserve(1);
    this.#buffer[this.#length++] = byte;
    return this;
  }

  #head(major: number, value: number): void {
    this.#reserve(9);
    const top = major << 5;
    const buffer = this.#buffer;
    if (value < 24) {
      buffer[this.#length++] = top | value;
    } else if (value < 0x100) {
      buffer[this.#length++] = top | 24;
      buffer[this.#length++] = value;
    } else if (value < 0x1_0000) {
      buffer[this.#length++] = top | 25;
      buffer[this.#length++] = value >> 8;
      buffer[this.#length++] = value & 0xff;
    } else if (value < TWO_32) {
      buffer[this.#length++] = top | 26;
      this.#uint32(value);
    } else {
      buffer[this.#length++] = top | 27;
      this.#uint32(Math.floor(value / TWO_32));
      this.#uint32(value % TWO_32);
    }
  }

  /** Room is there. A DataView for each writer would cost more than what it writes. */
  #uint32(value: number): void {
    const buffer = this.#buffer;
    buffer[this.#length++] = value >>> 24;
    buffer[this.#length++] = (value >>> 16) & 0xff;
    buffer[this.#length++] = (value >>> 8) & 0xff;
    buffer[this.#length++] = value & 0xff;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
