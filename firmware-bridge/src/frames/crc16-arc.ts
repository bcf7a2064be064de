/** x¹⁶ + x¹⁵ + x² + 1, least significant bit first: the CRC of P1 telegrams (DSMR 5.0.2 §6.2). */
const POLYNOMIAL = 0xa001;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let register = byte;
  for (let bit = 0; bit < 8; bit++) {
    register = register & 1 ? (register >>> 1) ^ POLYNOMIAL : register >>> 1;
  }
  return register;
});

export function crc16Arc(bytes: Uint8Array): number {
  let register = 0;
  for (const byte of bytes) register = (register >>> 8) ^ table[(register ^ byte) & 0xff]!;
  return register;
}
