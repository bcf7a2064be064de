import { DerReader, der, derTag } from "./der.ts";

const WIDTH = 32;

function integer(fixed: Uint8Array): Uint8Array {
  let start = 0;
  while (start < WIDTH - 1 && fixed[start] === 0) start++;
  const digits = fixed.subarray(start);
  return der(derTag.integer, ...((digits[0] ?? 0) >= 0x80 ? [Buffer.of(0), digits] : [digits]));
}

/** r‖s of 64 bytes as the SEQUENCE of two INTEGERs that OpenSSL speaks (RFC 3279 §2.2.3, GM/T 0009). */
export function derFromRaw(signature: Uint8Array): Uint8Array {
  const r = integer(signature.subarray(0, WIDTH));
  return der(derTag.sequence, r, integer(signature.subarray(WIDTH)));
}

/** @throws Fault KEY_INVALID where the bytes are not two INTEGERs of at most 32 bytes */
export function rawFromDer(encoded: Uint8Array): Uint8Array {
  const reader = new DerReader(encoded).nested(derTag.sequence);
  const raw = new Uint8Array(2 * WIDTH);
  for (const end of [WIDTH, 2 * WIDTH]) {
    const digits = reader.take(derTag.integer);
    const value = digits[0] === 0 ? digits.subarray(1) : digits;
    raw.set(value, end - value.length);
  }
  return raw;
}
