/** Stands for a byte whose parity is wrong: no telegram without a CRC may hold it. */
const DAMAGED = 0xff;

/**
 * The characters of a line with 7 data bits and even parity (IEC 62056-21 §6.1; DSMR 2.2 and 3) that
 * was received as 8 bits: bit 7 is the parity, which is all that guards telegrams without a CRC.
 */
export function sevenBits(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (hasEvenParity(byte) ? byte & 0x7f : DAMAGED));
}

function hasEvenParity(byte: number): boolean {
  const folded = byte ^ (byte >> 4);
  return ((0x6996 >> (folded & 0x0f)) & 1) === 0;
}
