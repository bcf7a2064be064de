/**
 * Reads a validator's consensus log without its help: a head of 16 bytes ("GLWAL", version 1, and 8 bytes
 * of salt), then `[length u32][crc32c u32][payload]`, big endian; see edge-node's `store/wal-frames.ts`.
 */
const HEAD_BYTES = 16;
const SALT_AT = 8;
const FRAME_HEAD_BYTES = 8;
const MAGIC = Buffer.from("474c57414c000001", "hex");
/** Bytes checksummed at most while looking for a good frame behind a bad one. */
const MAX_SEARCH_BYTES = 67_108_864;

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  // RFC 3720 §B.4: the Castagnoli polynomial, reflected.
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1;
  return value;
});

function crc32c(...parts: readonly Uint8Array[]): number {
  let crc = 0xffff_ffff;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) crc = table[(crc ^ part[i]!) & 0xff]! ^ (crc >>> 8);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

/**
 * Whether every frame can be read. The newest segment may end in a torn frame, which was being written
 * when the power went; a good frame behind a bad one says that bytes have changed.
 */
export function isReadableSegment(bytes: Buffer, isNewest: boolean): boolean {
  // A newest segment that never got its head was never written to.
  if (bytes.length < HEAD_BYTES) return isNewest;
  if (!bytes.subarray(0, SALT_AT).equals(MAGIC)) return false;
  let at = HEAD_BYTES;
  while (at < bytes.length) {
    const frame = frameAt(bytes, at);
    if (frame === undefined || !isWhole(bytes, at, frame)) {
      return isNewest && !hasFrameBehind(bytes, at);
    }
    at += frame.length;
  }
  return true;
}

/** What the length at this offset spans, if it can be one. */
function frameAt(bytes: Buffer, at: number): Buffer | undefined {
  if (at + FRAME_HEAD_BYTES > bytes.length) return undefined;
  const length = bytes.readUInt32BE(at);
  const end = at + FRAME_HEAD_BYTES + length;
  return length === 0 || end > bytes.length ? undefined : bytes.subarray(at, end);
}

function isWhole(bytes: Buffer, at: number, frame: Buffer): boolean {
  const salt = bytes.subarray(SALT_AT, HEAD_BYTES);
  const payload = frame.subarray(FRAME_HEAD_BYTES);
  return crc32c(salt, frame.subarray(0, 4), payload) === bytes.readUInt32BE(at + 4);
}

function hasFrameBehind(bytes: Buffer, bad: number): boolean {
  let searched = 0;
  for (let at = bad + 1; at + FRAME_HEAD_BYTES < bytes.length; at++) {
    const frame = frameAt(bytes, at);
    if (frame === undefined) continue;
    if (isWhole(bytes, at, frame)) return true;
    searched += frame.length;
    if (searched > MAX_SEARCH_BYTES) return true;
  }
  return false;
}
