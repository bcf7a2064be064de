import { keccak256 } from "@gridledger/protocol/contracts/keccak";

const MAX_TEXT_BYTES = 256;

/** First four bytes of the hash of a function's signature, as a number. */
export function selectorOf(signature: string): number {
  return Buffer.from(keccak256(Buffer.from(signature))).readUInt32BE(0);
}

/** Arguments as Solidity's ABI writes them, after the selector. Undefined where they are not well formed. */
export class AbiWords {
  readonly #bytes: Buffer;

  constructor(data: Uint8Array) {
    this.#bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }

  get selector(): number | undefined {
    return this.#bytes.length < 4 ? undefined : this.#bytes.readUInt32BE(0);
  }

  /** A uint64 that a JavaScript number holds. */
  uint(index: number): number | undefined {
    const word = this.#word(4 + 32 * index);
    if (word === undefined || word.subarray(0, 24).some((byte) => byte !== 0)) return undefined;
    const value = Number(word.readBigUInt64BE(24));
    return Number.isSafeInteger(value) ? value : undefined;
  }

  address(index: number): Uint8Array | undefined {
    const word = this.#word(4 + 32 * index);
    if (word === undefined || word.subarray(0, 12).some((byte) => byte !== 0)) return undefined;
    return new Uint8Array(word.subarray(12));
  }

  /** A short `string`, one byte a character. */
  text(index: number): string | undefined {
    const offset = this.uint(index);
    if (offset === undefined || offset > this.#bytes.length) return undefined;
    const length = this.#word(4 + offset)?.readBigUInt64BE(24);
    if (length === undefined || length > MAX_TEXT_BYTES) return undefined;
    const start = 4 + offset + 32;
    const end = start + Number(length);
    return end > this.#bytes.length ? undefined : this.#bytes.toString("latin1", start, end);
  }

  #word(at: number): Buffer | undefined {
    return at + 32 > this.#bytes.length ? undefined : this.#bytes.subarray(at, at + 32);
  }
}

/** Unsigned numbers, a word each. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(32 * values.length);
  for (const [at, value] of values.entries()) bytes.writeBigUInt64BE(BigInt(value), 32 * at + 24);
  return new Uint8Array(bytes);
}
