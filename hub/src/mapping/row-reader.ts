import type { Hash } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { type CanonicalValue, canonicalValue } from "@gridledger/protocol/rows/canonical-value";
import type { MappedColumn, MappedTable } from "@gridledger/protocol/rows/mapped-table";
import {
  encodeValues,
  leafOfRemoval,
  leafOfRow,
  MAX_KEY_BYTES,
  type RowLeaf,
} from "@gridledger/protocol/rows/row-leaf";
import type { RowSalts } from "@gridledger/protocol/rows/row-salts";
import type { RawRow } from "./connectors/connector.ts";

/** A row of the table in its canonical form. */
export interface ReadRow {
  readonly key: Uint8Array;
  readonly keyValues: readonly CanonicalValue[];
  /** Of the columns that are no key. */
  readonly values: readonly CanonicalValue[];
  /** Of the watermark column; null where there is none. */
  readonly watermark: CanonicalValue;
}

interface RowReaderDeps {
  readonly hash: Hash;
  readonly salts: RowSalts;
}

/** Makes canonical rows of what drivers give, and leaves of rows. */
export class RowReader {
  readonly #deps: RowReaderDeps;
  readonly #mapped: MappedTable;
  readonly #watermark: MappedColumn | undefined;
  /** What is read of the table, in this order. */
  readonly columns: readonly MappedColumn[];

  constructor(deps: RowReaderDeps, mapped: MappedTable, watermark: MappedColumn | undefined) {
    this.#deps = deps;
    this.#mapped = mapped;
    this.#watermark = watermark;
    const own = [...mapped.key, ...mapped.columns];
    this.columns = watermark === undefined ? own : [...own, watermark];
  }

  /** @throws Fault MAPPING_KEY, ROW_VALUE, ROW_TOO_LARGE naming the row */
  open(raw: RawRow): ReadRow {
    const { key: keyColumns, columns } = this.#mapped;
    const keyValues = keyColumns.map((column, at) => canonicalOf(column, raw[at], "a key"));
    const shown = keyTextOf(keyValues);
    if (keyValues.includes(null)) throw new Fault("MAPPING_KEY", `a key is NULL: ${shown}`);
    const key = encodeValues(keyColumns, keyValues);
    if (key.length > MAX_KEY_BYTES) {
      throw new Fault("MAPPING_KEY", `a key has more than ${MAX_KEY_BYTES} bytes`);
    }
    const first = keyColumns.length;
    const values = columns.map((column, at) =>
      canonicalOf(column, raw[first + at], `row ${shown.slice(0, 200)}`),
    );
    const watermark =
      this.#watermark === undefined
        ? null
        : canonicalOf(this.#watermark, raw[first + columns.length], `row ${shown.slice(0, 200)}`);
    return { key, keyValues, values, watermark };
  }

  /** Its place in the order in which news are read. */
  placeOf({ watermark, keyValues }: ReadRow): readonly string[] {
    const texts = keyValues.map((value) => String(value));
    return this.#watermark === undefined ? texts : [String(watermark), ...texts];
  }

  leafOf(batch: number, { key, values }: ReadRow): RowLeaf {
    const { hash, salts } = this.#deps;
    const { columns, saltsPerColumn } = this.#mapped;
    const row = { key, columns, values };
    return leafOfRow(hash, salts.ofRow(batch, key), saltsPerColumn, row);
  }

  removalOf(batch: number, key: Uint8Array): RowLeaf {
    return leafOfRemoval(this.#deps.hash, this.#deps.salts.ofRow(batch, key), key);
  }

  /** Commitments of every leaf of this table. */
  get width(): number {
    return this.#mapped.saltsPerColumn ? Math.max(1, this.#mapped.columns.length) : 1;
  }
}

function canonicalOf({ name, type }: MappedColumn, raw: unknown, where: string): CanonicalValue {
  try {
    return canonicalValue(type, raw);
  } catch (thrown) {
    const fault = asFault(thrown);
    throw new Fault(fault.code, `${where}, column ${name}: ${fault.message}`);
  }
}

/** A key as people write it: the value, or a JSON list of them. */
export function keyTextOf(values: readonly CanonicalValue[]): string {
  const texts = values.map((value) => (value instanceof Uint8Array ? formatHex(value) : value));
  return texts.length === 1 ? String(texts[0]) : JSON.stringify(texts);
}

/** Back from `keyTextOf`. @throws Fault REQUEST_INVALID */
export function parseKeyText(text: string, key: readonly MappedColumn[]): CanonicalValue[] {
  const texts = key.length === 1 ? [text] : parseList(text);
  if (texts.length !== key.length) {
    throw new Fault("REQUEST_INVALID", `a key of this mapping has ${key.length} values`);
  }
  try {
    return key.map(({ type }, at) => canonicalValue(type, texts[at]));
  } catch (thrown) {
    throw new Fault("REQUEST_INVALID", `the key: ${asFault(thrown).message}`);
  }
}

function parseList(text: string): unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
