import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import { convert } from "@gridledger/protocol/objects/conversions/convert";
import type { Encoding } from "@gridledger/protocol/objects/conversions/encodings";
import type { Conversion } from "@gridledger/protocol/objects/manifest";
import { fileFault } from "../errors.ts";
import { readBytes } from "../files.ts";

const PIECE_BYTES = 262_144;

/** The bytes that are put, after their conversion. */
export interface ObjectSource {
  readonly sizeBytes: number;
  /** From the beginning, in pieces. */
  pieces(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  read(from: number, to: number): Uint8Array<ArrayBuffer>;
}

/** Plain bytes stay on the disk; what a conversion makes is in memory. @throws Fault FILE_UNREADABLE, OBJECT_CONVERSION */
export function openSource(
  path: string,
  conversion: Conversion,
  encoding?: Encoding,
): ObjectSource {
  if (conversion !== "bytes") return ofBytes(convert(conversion, readBytes(path), encoding));
  try {
    const { size } = statSync(path);
    return {
      sizeBytes: size,
      pieces: () => createReadStream(path, { highWaterMark: PIECE_BYTES }),
      read: (from, to) => readSpan(path, from, to),
    };
  } catch (thrown) {
    throw fileFault(path, thrown);
  }
}

function ofBytes(bytes: Uint8Array): ObjectSource {
  return {
    sizeBytes: bytes.length,
    pieces: () => [bytes],
    read: (from, to) => new Uint8Array(bytes.subarray(from, to)),
  };
}

function readSpan(path: string, from: number, to: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(to - from);
  const file = openSync(path, "r");
  try {
    let at = 0;
    while (at < bytes.length) {
      const read = readSync(file, bytes, at, bytes.length - at, from + at);
      if (read === 0) break;
      at += read;
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(file);
  }
}
