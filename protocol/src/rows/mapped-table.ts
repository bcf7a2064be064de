import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { type ColumnType, columnTypeByNumber, columnTypes } from "./column-types.ts";

const VERSION = 1;
export const MAX_COLUMNS = 256;
const MAX_KEY_COLUMNS = 8;
/** PostgreSQL takes 63 bytes of a name, MySQL 64 characters. */
export const MAX_NAME_BYTES = 256;
const MAX_TABLE_NAME_BYTES = 512;

export interface MappedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** What of a table is mapped (guide §9.2). Its fingerprint stands in every anchor. */
export interface MappedTable {
  /** With its schema where it has one: `public.readings`. */
  readonly name: string;
  /** Name a row: unique and never NULL. */
  readonly key: readonly MappedColumn[];
  /** The others, in the order in which their commitments stand. */
  readonly columns: readonly MappedColumn[];
  /** One salt a column: a finding names the column, and a proof can hide the others. */
  readonly saltsPerColumn: boolean;
}

/** `[1, name, key, columns, saltsPerColumn]`, a column being `[name, type]`. @throws Fault CBOR_SHAPE */
export function encodeMappedTable(table: MappedTable): Uint8Array {
  checkShape(table);
  const writer = new CborWriter(512).array(5).uint(VERSION).text(table.name);
  for (const columns of [table.key, table.columns]) {
    writer.array(columns.length);
    for (const { name, type } of columns) writer.array(2).text(name).uint(columnTypes[type]);
  }
  return writer.bool(table.saltsPerColumn).finish();
}

/** @throws Fault CBOR_* */
export function decodeMappedTable(encoded: Uint8Array): MappedTable {
  const reader = new CborReader(encoded);
  reader.tuple("mapped table", 5);
  const version = reader.uint("version");
  if (version !== VERSION) throw new Fault("CBOR_SHAPE", `a mapped table of version ${version}`);
  const table = {
    name: reader.text("name", MAX_TABLE_NAME_BYTES),
    key: columnsFrom(reader, MAX_KEY_COLUMNS),
    columns: columnsFrom(reader, MAX_COLUMNS),
    saltsPerColumn: reader.bool("saltsPerColumn"),
  };
  reader.end();
  checkShape(table);
  return table;
}

function columnsFrom(reader: CborReader, max: number): MappedColumn[] {
  const columns: MappedColumn[] = [];
  for (let left = reader.array("columns", max); left > 0; left--) {
    reader.tuple("column", 2);
    const name = reader.text("name", MAX_NAME_BYTES);
    const type = columnTypeByNumber(reader.uint("type"));
    if (type === undefined) throw new Fault("CBOR_SHAPE", `column ${name} has an unknown type`);
    columns.push({ name, type });
  }
  return columns;
}

function checkShape({ name, key, columns }: MappedTable): void {
  const names = [...key, ...columns].map((column) => column.name);
  const isShort = [name, ...names].every((text) => text !== "");
  if (key.length === 0 || !isShort || new Set(names).size < names.length) {
    throw new Fault("CBOR_SHAPE", "a mapped table has a key, and every column once");
  }
}

export function tableFingerprint(hash: Hash, table: MappedTable): Uint8Array {
  return hash(encodeMappedTable(table));
}
