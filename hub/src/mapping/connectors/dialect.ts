import type { CanonicalValue } from "@gridledger/protocol/rows/canonical-value";
import type { ColumnType } from "@gridledger/protocol/rows/column-types";
import type { Knex } from "knex";
import type { SourceColumn, TableName } from "./connector.ts";

/** In what the databases differ; everything else is `SqlConnector`. */
export interface Dialect {
  quote(name: string): string;
  /** How a column of this type is selected, so that no digit and no zone is lost on the way. */
  select(quoted: string, type: ColumnType): string;
  /** Bytes of a value that may be long. */
  bytes(quoted: string, type: ColumnType): string;
  /** What the driver gave for it, as `canonicalValue` takes it. */
  open(value: unknown, type: ColumnType): unknown;
  /** A canonical value as it is bound in a comparison. */
  bind(value: CanonicalValue, type: ColumnType): Knex.Value;
  /** `(a, b) > (?, ?)`: false where the planner does not use an index for it. */
  readonly comparesRows: boolean;
  /** Whether a primary key is never NULL. */
  readonly holdsKeysNotNull: boolean;
  columns(db: Knex, name: TableName): Promise<readonly SourceColumn[]>;
  /** Whether the account of this connection may change the table, whatever its session may. */
  mayWrite(db: Knex, name: TableName): Promise<boolean>;
  /** Columns of each unique index or key. */
  uniques(db: Knex, name: TableName): Promise<readonly (readonly string[])[]>;
}
