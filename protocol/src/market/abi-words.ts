import { keccak256 } from "../contracts/keccak.ts";

const WORD_BYTES = 32;

/** A value of fixed size: a number of any sign, a flag, or up to 32 bytes, which end the word. */
export type AbiValue = bigint | number | boolean | Uint8Array;

/** A call whose arguments all have a fixed size: selector, then a word each. */
export function encodeCall(signature: string, ...values: readonly AbiValue[]): Uint8Array {
  const data = new Uint8Array(4 + WORD_BYTES * values.length);
  data.set(keccak256(Buffer.from(signature)).subarray(0, 4));
  for (const [at, value] of values.entries()) data.set(wordOf(value), 4 + WORD_BYTES * at);
  return data;
}

/** Two's complement, as Solidity writes signed numbers. */
export function wordOf(value: AbiValue): Uint8Array {
  const word = new Uint8Array(WORD_BYTES);
  if (value instanceof Uint8Array) {
    word.set(value, WORD_BYTES - value.length);
    return word;
  }
  const number = BigInt.asUintN(256, BigInt(value));
  const hex = number.toString(16).padStart(2 * WORD_BYTES, "0");
  word.set(Buffer.from(hex, "hex"));
  return word;
}
