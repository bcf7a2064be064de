import { Fault } from "../faults.ts";

const STRING = 0x80;
const LIST = 0xc0;
/** A length up to here stands in the first byte. */
const SHORT = 55;

/**
 * Reads RLP front to back, as transactions of Ethereum are written (Yellow Paper, appendix B). A second
 * encoding of a value is refused, and no length is believed before the bytes are there.
 *
 * @throws Fault ETHEREUM_SHAPE
 */
export class RlpReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** What has been read, as it stands. */
  get done(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** What a list holds. */
  list(name: string): RlpReader {
    return new RlpReader(this.#take(LIST, name));
  }

  /** A string of bytes, a view of the input. */
  bytes(name: string): Uint8Array {
    const first = this.#bytes[this.#at];
    if (first === undefined || first >= STRING) return this.#take(STRING, name);
    return this.#bytes.subarray(this.#at, ++this.#at);
  }

  /** A string of exactly so many bytes. */
  fixedBytes(name: string, length: number): Uint8Array {
    const value = this.bytes(name);
    if (value.length !== length) throw shape(`${name} has ${value.length} bytes`);
    return value;
  }

  /** An integer of at most 32 bytes, no zeros before it. */
  amount(name: string): bigint {
    const value = this.bytes(name);
    if (value.length > 32 || value[0] === 0) throw shape(`${name} is no number`);
    return value.length === 0 ? 0n : BigInt(`0x${Buffer.from(value).toString("hex")}`);
  }

  count(name: string): number {
    const value = Number(this.amount(name));
    if (!Number.isSafeInteger(value)) throw shape(`${name} is too large`);
    return value;
  }

  end(): void {
    if (!this.isAtEnd) throw shape(`${this.#bytes.length - this.#at} bytes after the end`);
  }

  #take(base: number, name: string): Uint8Array {
    const first = this.#bytes[this.#at] ?? 0;
    const long = first - base - SHORT;
    if (first < base || long > 8) throw shape(`${name} is of another form`);
    this.#at++;
    const length = long <= 0 ? first - base : this.#longLength(long, name);
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    if (value.length !== length) throw shape(`${name} ends too soon`);
    const isByteItself = base === STRING && length === 1 && value[0]! < STRING;
    if (isByteItself) throw shape(`${name} is not canonical`);
    this.#at += length;
    return value;
  }

  #longLength(bytes: number, name: string): number {
    if (bytes > 4 || this.#bytes[this.#at] === 0) throw shape(`the length of ${name}`);
    let length = 0;
    for (let left = bytes; left > 0; left--) {
      length = length * 256 + (this.#bytes[this.#at++] ?? 0);
    }
    if (length <= SHORT) throw shape(`${name} is not canonical`);
    return length;
  }
}

/** A list of items that are encoded already. */
export function rlpList(...items: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(items);
  const { length } = content;
  if (length <= SHORT) return Buffer.concat([Uint8Array.of(LIST + length), content]);
  const size = numberBytes(length);
  return Buffer.concat([Uint8Array.of(LIST + SHORT + size.length), size, content]);
}

/** An integer as an item. */
export function rlpNumber(value: number): Uint8Array {
  if (value === 0) return Uint8Array.of(STRING);
  const bytes = numberBytes(value);
  if (bytes.length === 1 && value < STRING) return bytes;
  return Buffer.concat([Uint8Array.of(STRING + bytes.length), bytes]);
}

function numberBytes(value: number): Uint8Array {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

export function shape(what: string): Fault {
  return new Fault("ETHEREUM_SHAPE", `not a transaction that is taken here: ${what}`);
}
