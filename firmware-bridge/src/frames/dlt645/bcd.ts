import { Fault } from "@gridledger/protocol/faults";

/**
 * A BCD number, least significant byte first (DL/T 645-2007 §5.2.2), as an integer of its last digit.
 * In signed ones the top bit of the most significant byte is the sign (Annex A.1). Null when all bytes
 * are FF: the meter has no value, which is not the same as 0.
 *
 * @throws Fault DLT645_DATA for a digit above 9
 */
export function decodeBcd(bytes: Uint8Array, isSigned: boolean): number | null {
  if (bytes.every((byte) => byte === 0xff)) return null;
  const top = bytes.length - 1;
  const isNegative = isSigned && (bytes[top]! & 0x80) !== 0;
  let value = 0;
  for (let i = top; i >= 0; i--) {
    const byte = i === top && isNegative ? bytes[i]! & 0x7f : bytes[i]!;
    if (byte >> 4 > 9 || (byte & 0x0f) > 9) {
      throw new Fault("DLT645_DATA", "a BCD digit is above 9", { data: { byte } });
    }
    value = value * 100 + (byte >> 4) * 10 + (byte & 0x0f);
  }
  return isNegative && value > 0 ? -value : value;
}

/** The last `length · 2` digits of the integer, least significant byte first. */
export function encodeBcd(value: number, length: number, isSigned = false): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = Math.abs(value);
  for (let i = 0; i < length; i++) {
    const pair = rest % 100;
    bytes[i] = (Math.floor(pair / 10) << 4) | (pair % 10);
    rest = Math.floor(rest / 100);
  }
  if (isSigned) bytes[length - 1] = (bytes[length - 1]! & 0x7f) | (value < 0 ? 0x80 : 0);
  return bytes;
}
