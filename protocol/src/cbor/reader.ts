import { Fault } from "../faults.ts";

const MAX_DEPTH = 16;
const TWO_32 = 0x1_0000_0000;
const MAX_HIGH_WORD = 0x1f_ffff; // the high word of 2⁵³−1
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** CBOR major types, RFC 8949 §3.1. */
export const majorType = {
  uint: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;

/**
 * Reads deterministic CBOR (RFC 8949 §4.2.1) front to back, straight into the shape the caller names.
 * Anything that a canonical encoder would not have written is refused: one value has one encoding.
 * Lengths are checked against the bytes that are left before anything is allocated.
 *
 * @throws Fault CBOR_MALFORMED, CBOR_NOT_CANONICAL, CBOR_SHAPE, CBOR_LIMIT
 */
export class CborReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array, maxBytes = Number.POSITIVE_INFINITY) {
    if (bytes.length > maxBytes) {
      throw new Fault("CBOR_LIMIT", `${bytes.length} bytes, at most ${maxBytes} are read here`);
    }
    // A view cut out of a Buffer costs several times one cut out of the array below it.
    this.#bytes =
      bytes.constructor === Uint8Array
        ? bytes
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The major type of the next item, without reading it. */
  peek(): number {
    return this.#byteAt(this.#at) >> 5;
  }

  get isNull(): boolean {
    return this.#byteAt(this.#at) === 0xf6;
  }

  /** Whether the next item is a byte string. */
  get isBytes(): boolean {
    return this.#byteAt(this.#at) >> 5 === 2;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint(name: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#head(majorType.uint, name);
    if (value > max) throw new Fault("CBOR_SHAPE", `${name} is ${value}, at most ${max}`);
    return value;
  }

  int(name: string): number {
    if (this.peek() !== majorType.negative) return this.uint(name);
    const value = -1 - this.#head(majorType.negative, name);
    if (!Number.isSafeInteger(value)) throw new Fault("CBOR_SHAPE", `${name} is out of range`);
    return value;
  }

  /** A byte string of exactly `length` bytes, a view into the input. */
  fixedBytes(name: string, length: number): Uint8Array {
    const value = this.bytes(name, length);
    if (value.length !== length) {
      throw new Fault("CBOR_SHAPE", `${name} has ${value.length} bytes, must have ${length}`);
    }
    return value;
  }

  /** A byte string of at most `maxLength` bytes, a view into the input. */
  bytes(name: string, maxLength: number): Uint8Array {
    return this.#take(this.#length(majorType.bytes, name, maxLength));
  }

  /** A UTF-8 text string of at most `maxBytes` bytes. */
  text(name: string, maxBytes: number): string {
    const encoded = this.#take(this.#length(majorType.text, name, maxBytes));
    try {
      return utf8.decode(encoded);
    } catch (cause) {
      throw new Fault("CBOR_MALFORMED", `${name} is not UTF-8`, { cause });
    }
  }

  /** The head of an array of exactly `items` items. */
  tuple(name: string, items: number): void {
    const count = this.#head(majorType.array, name);
    if (count !== items) {
      throw new Fault("CBOR_SHAPE", `${name} has ${count} items, must have ${items}`);
    }
  }

  /** The head of an array of at most `maxItems` items; the number of items. */
  array(name: string, maxItems: number): number {
    return this.#length(majorType.array, name, maxItems);
  }

  /** The head of a map of at most `maxEntries` entries; the caller checks the order of the keys. */
  map(name: string, maxEntries: number): number {
    return this.#length(majorType.map, name, maxEntries);
  }

  bool(name: string): boolean {
    const byte = this.#byteAt(this.#at++);
    if (byte === 0xf5) return true;
    if (byte === 0xf4) return false;
    throw new Fault("CBOR_SHAPE", `${name} must be true or false`);
  }

  null(name: string): void {
    if (!this.isNull) throw new Fault("CBOR_SHAPE", `${name} must be null`);
    this.#at++;
  }

  /** The bytes of the next item, whole, canonical, and not decoded. */
  raw(name: string): Uint8Array {
    const start = this.#at;
    this.#skip(name, 0);
    return this.#bytes.subarray(start, this.#at);
  }

  /** Says that the input ends here. */
  end(): void {
    if (!this.isAtEnd) {
      throw new Fault("CBOR_MALFORMED", `${this.#bytes.length - this.#at} bytes after the end`);
    }
  }

  #skip(name: string, depth: number): void {
    if (depth > MAX_DEPTH) throw new Fault("CBOR_LIMIT", `${name} is nested too deep`);
    const major = this.peek();
    if (major === majorType.simple) {
      this.#skipSimple(name);
      return;
    }
    if (major === majorType.tag) throw new Fault("CBOR_NOT_CANONICAL", `${name} holds a tag`);
    if (major === majorType.text) {
      this.text(name, Number.POSITIVE_INFINITY);
      return;
    }
    const value = this.#head(major, name);
    if (major === majorType.bytes) this.#take(value);
    if (major === majorType.array) for (let i = 0; i < value; i++) this.#skip(name, depth + 1);
    if (major === majorType.map) this.#skipMap(name, value, depth + 1);
  }

  #skipSimple(name: string): void {
    const byte = this.#byteAt(this.#at++);
    if (byte < 0xf4 || byte > 0xf6) {
      throw new Fault("CBOR_NOT_CANONICAL", `${name} holds a float or an unknown simple value`);
    }
  }

  #skipMap(name: string, entries: number, depth: number): void {
    let previous: Uint8Array | undefined;
    for (let i = 0; i < entries; i++) {
      const start = this.#at;
      this.#skip(name, depth);
      const key = this.#bytes.subarray(start, this.#at);
      if (previous !== undefined && compareBytes(previous, key) >= 0) {
        throw new Fault("CBOR_NOT_CANONICAL", `${name} has unsorted or duplicate keys`);
      }
      previous = key;
      this.#skip(name, depth);
    }
  }

  #length(major: number, name: string, max: number): number {
    const length = this.#head(major, name);
    if (length > max) throw new Fault("CBOR_LIMIT", `${name} has ${length}, at most ${max}`);
    // Every item takes at least one byte, so a count can never exceed the bytes that are left.
    if (length > this.#bytes.length - this.#at) {
      throw new Fault("CBOR_MALFORMED", `${name} is cut short`);
    }
    return length;
  }

  #head(major: number, name: string): number {
    const initial = this.#byteAt(this.#at);
    if (initial >> 5 !== major) {
      throw new Fault(
        "CBOR_SHAPE",
        `${name} has CBOR major type ${initial >> 5}, must be ${major}`,
      );
    }
    this.#at++;
    return this.#argument(initial & 31, name);
  }

  #argument(info: number, name: string): number {
    if (info < 24) return info;
    if (info > 27) throw new Fault("CBOR_NOT_CANONICAL", `${name} has an indefinite length`);
    const width = 1 << (info - 24);
    if (this.#at + width > this.#bytes.length) {
      throw new Fault("CBOR_MALFORMED", `${name} is cut short`);
    }
    const at = this.#at;
    this.#at += width;
    if (width === 8) return this.#wide(at, name);
    let value: number;
    let shorter: number;
    if (width === 1) {
      value = this.#bytes[at]!;
      shorter = 24;
    } else if (width === 2) {
      value = (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
      shorter = 0x100;
    } else {
      value = this.#uint32(at);
      shorter = 0x1_0000;
    }
    if (value < shorter) throw new Fault("CBOR_NOT_CANONICAL", `${name} has a long head`);
    return value;
  }

  #wide(at: number, name: string): number {
    const high = this.#uint32(at);
    if (high === 0) throw new Fault("CBOR_NOT_CANONICAL", `${name} has a long head`);
    if (high > MAX_HIGH_WORD) throw new Fault("CBOR_SHAPE", `${name} is out of range`);
    return high * TWO_32 + this.#uint32(at + 4);
  }

  /** Of bytes that are there. A DataView for each reader would cost more than all that it reads. */
  #uint32(at: number): number {
    const bytes = this.#bytes;
    const low = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return bytes[at]! * 0x100_0000 + low;
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Fault("CBOR_MALFORMED", "cut short");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #byteAt(at: number): number {
    const byte = this.#bytes[at];
    if (byte === undefined) throw new Fault("CBOR_MALFORMED", "cut short");
    return byte;
  }
}

/** Bytewise lexicographic order: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
