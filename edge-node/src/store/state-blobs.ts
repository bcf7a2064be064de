import { crc32 } from "node:zlib";
import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import type { StateWrite } from "../state/state-view.ts";

const MAX_ENTRIES = 1_048_576;
const MAX_KEY_BYTES = 1_024;
const MAX_VALUE_BYTES = 16_777_216;

/** Entries of the state as one blob: `[[key, value] …]`, null where it has gone, as a block's changes or as a part of a snapshot. */
export function encodeWrites(writes: readonly StateWrite[]): Uint8Array {
  let bytes = 8;
  for (const { key, value } of writes) bytes += key.length + (value?.length ?? 0) + 12;
  const writer = new CborWriter(bytes).array(writes.length);
  for (const { key, value } of writes) {
    writer.array(2).bytes(key);
    if (value === undefined) writer.null();
    else writer.bytes(value);
  }
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
    writes.push({ key, value: readValue(reader) });
  }
  reader.end();
  return writes;
}

function readValue(reader: CborReader): Uint8Array | undefined {
  if (!reader.isNull) return Buffer.from(reader.bytes("value", MAX_VALUE_BYTES));
  reader.null("value");
  return undefined;
}

/** Byte strings as one blob. */
export function encodeBlobs(items: readonly Uint8Array[]): Uint8Array {
  const bytes = items.reduce((sum, item) => sum + item.length + 5, 8);
  const writer = new CborWriter(bytes).array(items.length);
  for (const item of items) writer.bytes(item);
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeBlobs(encoded: Uint8Array): Uint8Array[] {
  const reader = new CborReader(encoded);
  const items: Uint8Array[] = [];
  for (let left = reader.array("items", MAX_ENTRIES); left > 0; left--) {
    items.push(reader.bytes("item", MAX_VALUE_BYTES));
  }
  reader.end();
  return items;
}

/** SQLite does not notice a changed bit inside a blob; this does. */
export function checksum(blob: Uint8Array): number {
  return crc32(blob);
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
