/**
 * Numbers and bytes as `@ethereumjs/util` converts them, without its detours: there a word is padded by way of a
 * list of numbers and a number becomes bytes by way of two texts, at each instruction that touches memory or
 * storage (ADR 033). Same results for the bytes and the unsigned numbers that the machine gives them.
 */
export const evmBytes = {
  setLengthLeft,
  setLengthRight,
  bigIntToBytes,
  bytesToBigInt,
  stripHexPrefix,
};

/** Bytes of a number that is exact in JavaScript. */
const PLAIN_BYTES = 6;
const PLAIN = 1n << BigInt(8 * PLAIN_BYTES);
const HEX = /^0x[0-9A-Fa-f]*$/;

interface LengthOptions {
  readonly allowTruncate?: boolean;
}

function setLengthLeft(bytes: Uint8Array, length: number, options: LengthOptions = {}): Uint8Array {
  if (bytes.length === length) return bytes;
  if (bytes.length > length) return cut(bytes, length, options).subarray(-length);
  const padded = new Uint8Array(length);
  padded.set(bytes, length - bytes.length);
  return padded;
}

function setLengthRight(
  bytes: Uint8Array,
  length: number,
  options: LengthOptions = {},
): Uint8Array {
  if (bytes.length === length) return bytes;
  if (bytes.length > length) return cut(bytes, length, options).subarray(0, length);
  const padded = new Uint8Array(length);
  padded.set(bytes);
  return padded;
}

function cut(bytes: Uint8Array, length: number, { allowTruncate }: LengthOptions): Uint8Array {
  if (allowTruncate === true) return bytes;
  throw new RangeError(`${bytes.length} bytes where ${length} fit`);
}

/** Big-endian, as few bytes as there are, one for zero. */
function bigIntToBytes(value: bigint, littleEndian = false): Uint8Array {
  const bytes = value < PLAIN ? plainToBytes(Number(value)) : longToBytes(value);
  return littleEndian ? bytes.reverse() : bytes;
}

function plainToBytes(value: number): Uint8Array {
  let length = 1;
  for (let rest = value; rest >= 256; rest = Math.floor(rest / 256)) length++;
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let at = length - 1; at >= 0; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

function longToBytes(value: bigint): Uint8Array {
  const hex = value.toString(16);
  // A copy: a small Buffer is a view of a larger one.
  return new Uint8Array(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex"));
}

/** Unsigned, big-endian; nothing is zero. */
function bytesToBigInt(bytes: Uint8Array, littleEndian = false): bigint {
  if (littleEndian) return bytesToBigInt(bytes.slice().reverse());
  if (bytes.length > PLAIN_BYTES) {
    const { buffer, byteOffset, length } = bytes;
    return BigInt(`0x${Buffer.from(buffer, byteOffset, length).toString("hex")}`);
  }
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return BigInt(value);
}

function stripHexPrefix(text: string): string {
  return text.startsWith("0x") && HEX.test(text) ? text.slice(2) : text;
}
