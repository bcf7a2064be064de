import type { CanonicalValue } from "@gridledger/protocol/rows/canonical-value";
import type { ColumnType } from "@gridledger/protocol/rows/column-types";
import type { MappedColumn } from "@gridledger/protocol/rows/mapped-table";

/** A column as the database describes it. */
export interface SourceColumn {
  readonly name: string;
  /** As the database calls it: `numeric(12,3)`. */
  readonly nativeType: string;
  readonly isNullable: boolean;
  /** Types that it may be mapped with; the first unless somebody says otherwise. */
  readonly types: readonly ColumnType[];
  /** Those with which it may stand in a key or a watermark: the database orders it as we ask for it. */
  readonly orderedTypes: readonly ColumnType[];
}

export interface TableName {
  readonly schema: string | undefined;
  readonly table: string;
}

/** Rows in order of `order`, after one place and up to another. */
export interface PageQuery extends TableName {
  /** What is read; the answer's values stand in this order. */
  readonly columns: readonly MappedColumn[];
  readonly order: readonly MappedColumn[];
  readonly after: readonly CanonicalValue[] | null;
  readonly upTo: readonly CanonicalValue[] | null;
  readonly limit: number;
}

/** A row as the driver gave it, in the order of the columns asked for. */
export type RawRow = readonly unknown[];

/**
 * One database of another program: it is only ever read. Every name is quoted, every value bound.
 *
 * @throws Fault DATABASE_UNREACHABLE, DATABASE_REFUSED from each of these
 */
export interface Connector {
  /** Columns of the table; none where there is no such table. */
  columns(name: TableName): Promise<readonly SourceColumn[]>;
  /** True where the database holds these columns unique together. */
  isUnique(name: TableName, columns: readonly string[]): Promise<boolean>;
  page(query: PageQuery): Promise<readonly RawRow[]>;
  /** Bytes that these columns would have in the page, without reading it. */
  bytes(query: PageQuery, long: readonly MappedColumn[]): Promise<number>;
  /** Rows with these keys, in any order. */
  byKeys(
    query: Pick<PageQuery, "schema" | "table" | "columns">,
    key: readonly MappedColumn[],
    keys: readonly (readonly CanonicalValue[])[],
  ): Promise<readonly RawRow[]>;
  /** The last row's values of these columns, in their order; undefined where the table is empty. */
  last(name: TableName, order: readonly MappedColumn[]): Promise<RawRow | undefined>;
  count(name: TableName): Promise<number>;
  /** Whether the account may change the table: more than a mapping needs. */
  mayWrite(name: TableName): Promise<boolean>;
  /** Whether a row has NULL in one of its key's columns; never where the database holds keys to it. */
  hasNullKey(name: TableName, key: readonly MappedColumn[]): Promise<boolean>;
  close(): Promise<void>;
}
