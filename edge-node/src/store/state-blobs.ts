import { crc32 } from "node:zlib";
import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import type { StateWrite } from "../state/state-view.ts";

const MAX_ENTRIES = 1_048_576;
const MAX_KEY_BYTES = 1_024;
const MAX_VALUE_BYTES = 16_777_216;

/** Entries of the state as one blob: `[[key, value] …]`, as a block's changes or as a part of a snapshot. */
export function encodeWrites(writes: readonly StateWrite[]): Uint8Array {
  let bytes = 8;
  for (const { key, value } of writes) bytes += key.length + value.length + 12;
  const writer = new CborWriter(bytes).array(writes.length);
  for (const { key, value } of writes) writer.array(2).bytes(key).bytes(value);
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeWrites(encoded: Uint8Array): StateWrite[] {
  const reader = new CborReader(encoded);
  const writes: StateWrite[] = [];
  for (let left = reader.array("entries", MAX_ENTRIES); left > 0; left--) {
    reader.tuple("entry", 2);
    // Copies: a value lives for years, the blob that it came in must not.
    const key = Buffer.from(reader.bytes("key", MAX_KEY_BYTES));
    writes.push({ key, value: Buffer.from(reader.bytes("value", MAX_VALUE_BYTES)) });
  }
  reader.end();
  return writes;
}

/** SQLite does not notice a changed bit inside a blob; this does. */
export function checksum(blob: Uint8Array): number {
  return crc32(blob);
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
