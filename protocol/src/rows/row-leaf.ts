import { CborReader, majorType } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { leafHash } from "../merkle/tree.ts";
import type { CanonicalValue } from "./canonical-value.ts";
import { columnTypes } from "./column-types.ts";
import { MAX_COLUMNS, type MappedColumn } from "./mapped-table.ts";

const COMMITMENT = Uint8Array.of(0x05);
const HASH_BYTES = 32;
/** Of one row as it is hashed: a larger one is refused with its key. */
export const MAX_ROW_BYTES = 16_777_216;
export const MAX_KEY_BYTES = 4_096;

/** What a leaf says of a row, on the wire. Numbers are never reused. */
const leafKinds = { columns: 1, row: 2, removed: 3 } as const;

export type LeafKind = keyof typeof leafKinds;

const kindNames: ReadonlyMap<number, LeafKind> = new Map(
  (Object.entries(leafKinds) as [LeafKind, number][]).map(([name, number]) => [number, name]),
);

/** What is hashed to a leaf: the row's key, and salted commitments to its values. */
export interface RowLeaf {
  readonly kind: LeafKind;
  /** `encodeValues` of the key columns. */
  readonly key: Uint8Array;
  /** One a column, or one for the whole row. */
  readonly commitments: readonly Uint8Array[];
}

/** A row's values as one CBOR array of `[type, value]`. @throws Fault ROW_TOO_LARGE */
export function encodeValues(
  columns: readonly MappedColumn[],
  values: readonly CanonicalValue[],
): Uint8Array {
  const writer = new CborWriter(64 + columns.length * 24).array(columns.length);
  columns.forEach(({ type }, index) => {
    writer.array(2).uint(columnTypes[type]);
    const value = values[index] ?? null;
    if (value === null) writer.null();
    else if (typeof value === "string") writer.text(value);
    else writer.bytes(value);
  });
  const encoded = writer.finish();
  if (encoded.length <= MAX_ROW_BYTES) return encoded;
  throw new Fault("ROW_TOO_LARGE", `${encoded.length} bytes, at most ${MAX_ROW_BYTES}`);
}

/** Back from `encodeValues` of the same columns. @throws Fault CBOR_* */
export function decodeValues(
  columns: readonly MappedColumn[],
  encoded: Uint8Array,
): CanonicalValue[] {
  const reader = new CborReader(encoded, MAX_ROW_BYTES);
  reader.tuple("values", columns.length);
  const values = columns.map(({ name, type }): CanonicalValue => {
    reader.tuple(name, 2);
    const number = reader.uint(name);
    if (number !== columnTypes[type]) throw new Fault("CBOR_SHAPE", `${name} is no ${type}`);
    if (reader.isNull) {
      reader.null(name);
      return null;
    }
    if (reader.peek() === majorType.bytes) return reader.bytes(name, MAX_ROW_BYTES);
    return reader.text(name, MAX_ROW_BYTES);
  });
  reader.end();
  return values;
}

/** Column `index` of a row; a commitment to the whole row uses 0. */
export function columnSalt(hash: Hash, rowSalt: Uint8Array, index: number): Uint8Array {
  return hash(rowSalt, Uint8Array.of(index >> 8, index & 0xff));
}

/** H(0x05 ‖ salt ‖ content): with a salt that is not known, nobody can guess the content. */
export function commit(hash: Hash, salt: Uint8Array, content: Uint8Array): Uint8Array {
  return hash(COMMITMENT, salt, content);
}

/** `[kind, key, commitments]`. */
export function encodeRowLeaf({ kind, key, commitments }: RowLeaf): Uint8Array {
  const writer = new CborWriter(key.length + 16 + commitments.length * 34).array(3);
  writer.uint(leafKinds[kind]).bytes(key).array(commitments.length);
  for (const commitment of commitments) writer.bytes(commitment);
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeRowLeaf(encoded: Uint8Array): RowLeaf {
  const reader = new CborReader(encoded);
  reader.tuple("row leaf", 3);
  const kind = kindNames.get(reader.uint("kind"));
  if (kind === undefined) throw new Fault("CBOR_SHAPE", "an unknown kind of row leaf");
  const key = reader.bytes("key", MAX_KEY_BYTES);
  const commitments: Uint8Array[] = [];
  for (let left = reader.array("commitments", MAX_COLUMNS); left > 0; left--) {
    commitments.push(reader.fixedBytes("commitment", HASH_BYTES));
  }
  reader.end();
  return { kind, key, commitments };
}

/** Its place in the batch's tree. */
export function rowLeafHash(hash: Hash, leaf: RowLeaf): Uint8Array {
  return leafHash(hash, encodeRowLeaf(leaf));
}

interface RowValues {
  readonly key: Uint8Array;
  readonly columns: readonly MappedColumn[];
  readonly values: readonly CanonicalValue[];
}

/** The leaf of a row: by column where each has its salt, else of the row as a whole. */
export function leafOfRow(
  hash: Hash,
  rowSalt: Uint8Array,
  saltsPerColumn: boolean,
  { key, columns, values }: RowValues,
): RowLeaf {
  if (!saltsPerColumn) {
    const content = encodeValues(columns, values);
    return { kind: "row", key, commitments: [commit(hash, columnSalt(hash, rowSalt, 0), content)] };
  }
  const commitments = columns.map((column, index) => {
    const content = encodeValues([column], [values[index] ?? null]);
    return commit(hash, columnSalt(hash, rowSalt, index), content);
  });
  return { kind: "columns", key, commitments };
}

/** The leaf that says a row was removed lawfully. */
export function leafOfRemoval(hash: Hash, rowSalt: Uint8Array, key: Uint8Array): RowLeaf {
  const gone = commit(hash, columnSalt(hash, rowSalt, 0), new Uint8Array());
  return { kind: "removed", key, commitments: [gone] };
}
