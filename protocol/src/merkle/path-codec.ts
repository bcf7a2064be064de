import type { CborReader } from "../cbor/reader.ts";
import type { CborWriter } from "../cbor/writer.ts";
import type { OtherLeaf, StatePath } from "./state-path.ts";

/** `[[sibling …], [keyHash, valueHash, ownRoot or null] or null]`. */
export function writeStatePath(writer: CborWriter, { siblings, other }: StatePath): CborWriter {
  writer.array(2).array(siblings.length);
  for (const sibling of siblings) writer.bytes(sibling);
  if (other === undefined) return writer.null();
  writer.array(3).bytes(other.keyHash).bytes(other.valueHash);
  return writeOptional(writer, other.ownRoot);
}

/** @throws Fault CBOR_* */
export function readStatePath(reader: CborReader): StatePath {
  reader.tuple("path", 2);
  const siblings: Uint8Array[] = [];
  for (let left = reader.array("siblings", 256); left > 0; left--) {
    siblings.push(reader.fixedBytes("sibling", 32));
  }
  if (!reader.isNull) return { siblings, other: readOther(reader) };
  reader.null("other");
  return { siblings };
}

function readOther(reader: CborReader): OtherLeaf {
  reader.tuple("other", 3);
  const keyHash = reader.fixedBytes("keyHash", 32);
  const valueHash = reader.fixedBytes("valueHash", 32);
  const ownRoot = readOptional(reader, "ownRoot", 32);
  return ownRoot === undefined ? { keyHash, valueHash } : { keyHash, valueHash, ownRoot };
}

export function writeOptional(writer: CborWriter, value: Uint8Array | undefined): CborWriter {
  return value === undefined ? writer.null() : writer.bytes(value);
}

/** @throws Fault CBOR_* */
export function readOptional(
  reader: CborReader,
  name: string,
  maxBytes: number,
): Uint8Array | undefined {
  if (!reader.isNull) return reader.bytes(name, maxBytes);
  reader.null(name);
  return undefined;
}
