/**
 * A segment of the write-ahead log: a head of 16 bytes, then `[length u32][crc32c u32][payload]` one
 * after the other, big endian.
 *
 * The head holds 8 random bytes that stand in front of every checksum. A frame that somebody wrote into
 * a transaction therefore is never taken for one of the log, wherever a read begins.
 */
export const SEGMENT_HEAD_BYTES = 16;
export const SALT_BYTES = 8;

const FRAME_HEAD_BYTES = 8;
const MAGIC = Uint8Array.of(0x47, 0x4c, 0x57, 0x41, 0x4c, 0, 0, 1); // "GLWAL", version 1
/** A block with 16 MiB of transactions fits. */
const MAX_PAYLOAD_BYTES = 50_331_648;
/** Bytes checksummed at most while looking for good frames behind a bad one. */
const MAX_SEARCH_BYTES = 67_108_864;

const table = new Uint32Array(256);
for (let i = 0; i < 256; i++) {
  let value = i;
  // RFC 3720 §B.4: the Castagnoli polynomial, reflected.
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1;
  table[i] = value;
}

/** CRC-32C (RFC 3720 §B.4) over the parts one after the other. */
export function crc32c(...parts: readonly Uint8Array[]): number {
  let crc = 0xffff_ffff;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) crc = table[(crc ^ part[i]!) & 0xff]! ^ (crc >>> 8);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

export function encodeSegmentHead(salt: Uint8Array): Uint8Array {
  const head = new Uint8Array(SEGMENT_HEAD_BYTES);
  head.set(MAGIC);
  head.set(salt, MAGIC.length);
  return head;
}

/** One frame: what is written and synced at once. */
export function encodeFrame(salt: Uint8Array, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length);
  view.setUint32(4, crc32c(salt, frame.subarray(0, 4), payload));
  frame.set(payload, FRAME_HEAD_BYTES);
  return frame;
}

export interface ReadSegment {
  readonly salt: Uint8Array;
  readonly payloads: readonly Uint8Array[];
  /** Bytes up to the end of the last good frame: the file is cut here. */
  readonly goodBytes: number;
  /**
   * `torn`: what follows the good frames was being written when the power went; it was never synced,
   * so nothing that depends on it left the node. `damaged`: a good frame stands behind a bad one, so
   * bytes that once were durable have changed.
   */
  readonly tail: "clean" | "torn" | "damaged";
}

/** Undefined when the head was not written whole. Never throws on any bytes. */
export function readSegment(bytes: Uint8Array): ReadSegment | undefined {
  if (bytes.length < SEGMENT_HEAD_BYTES) return undefined;
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined;
  const salt = bytes.slice(MAGIC.length, SEGMENT_HEAD_BYTES);
  const payloads: Uint8Array[] = [];
  let at = SEGMENT_HEAD_BYTES;
  while (at < bytes.length) {
    const payload = payloadAt(bytes, at);
    if (payload === undefined || !isWhole(salt, bytes, at, payload)) {
      const tail = hasFrameBehind(salt, bytes, at) ? "damaged" : "torn";
      return { salt, payloads, goodBytes: at, tail };
    }
    payloads.push(payload);
    at += FRAME_HEAD_BYTES + payload.length;
  }
  return { salt, payloads, goodBytes: at, tail: "clean" };
}

/** What the length at this offset spans, if it can be one. */
function payloadAt(bytes: Uint8Array, at: number): Uint8Array | undefined {
  if (at + FRAME_HEAD_BYTES > bytes.length) return undefined;
  const length = readUint32(bytes, at);
  const end = at + FRAME_HEAD_BYTES + length;
  if (length === 0 || length > MAX_PAYLOAD_BYTES || end > bytes.length) return undefined;
  return bytes.subarray(at + FRAME_HEAD_BYTES, end);
}

function isWhole(salt: Uint8Array, bytes: Uint8Array, at: number, payload: Uint8Array): boolean {
  return crc32c(salt, bytes.subarray(at, at + 4), payload) === readUint32(bytes, at + 4);
}

function hasFrameBehind(salt: Uint8Array, bytes: Uint8Array, bad: number): boolean {
  let searched = 0;
  for (let at = bad + 1; at + FRAME_HEAD_BYTES < bytes.length; at++) {
    const payload = payloadAt(bytes, at);
    if (payload === undefined) continue;
    if (isWhole(salt, bytes, at, payload)) return true;
    searched += payload.length;
    // Cannot tell in reasonable time: the answer that signs nothing is the safe one.
    if (searched > MAX_SEARCH_BYTES) return true;
  }
  return false;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
