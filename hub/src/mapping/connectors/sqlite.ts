import { accessSync, constants } from "node:fs";
import { pathToFileURL } from "node:url";
import { Fault } from "@gridledger/protocol/faults";
import type { ColumnType } from "@gridledger/protocol/rows/column-types";
import type { Knex } from "knex";
import { connectFile } from "../../store/sqlite-file.ts";
import type { SourceColumn, TableName } from "./connector.ts";
import type { Dialect } from "./dialect.ts";
import { quiet } from "./quiet.ts";

const TEXTS: readonly ColumnType[] = [
  ...(["text", "json", "decimal", "date", "time", "timestamp", "timestamptz", "uuid"] as const),
];

/** sqlite.org/datatype3 §3.1: what a declared type is, by its letters; its values may be of any. */
function typesOf(declared: string): readonly ColumnType[] {
  const name = declared.toUpperCase();
  if (name.includes("BOOL")) return ["boolean", "integer"];
  if (name.includes("INT")) return ["integer", "boolean", "decimal"];
  if (name.includes("JSON")) return ["json", "text"];
  if (/CHAR|CLOB|TEXT/.test(name)) return TEXTS;
  if (name === "" || name.includes("BLOB")) return ["bytes", "uuid", "text"];
  if (/REAL|FLOA|DOUB/.test(name)) return ["float", "decimal", "float32"];
  if (name === "DATE") return ["date", "text"];
  if (name === "TIME") return ["time", "text"];
  if (/DATETIME|TIMESTAMP/.test(name)) return ["timestamptz", "timestamp", "text"];
  return ["decimal", "integer", "float", ...TEXTS];
}

interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
}

export const sqliteDialect: Dialect = {
  comparesRows: true,
  holdsKeysNotNull: false,
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  // The driver makes an integer a double: above 2⁵³ it would be another one.
  select: (quoted, type) =>
    type === "integer" || type === "decimal"
      ? `case typeof(${quoted}) when 'integer' then cast(${quoted} as text) else ${quoted} end`
      : quoted,
  bytes: (quoted) => `octet_length(${quoted})`,
  open: (value) => value,
  bind(value, type) {
    if (typeof value !== "string" || type !== "integer") return value as Knex.Value;
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  },
  async columns(db, { table }) {
    const found: ColumnInfo[] = await db.raw("select * from pragma_table_info(?)", [table]);
    return found.map(({ name, type, notnull, pk }): SourceColumn => {
      const types = typesOf(type);
      // Other types are texts in no fixed form here: a canonical one would not be found again.
      const orderedTypes = types.filter((one) => one === "integer" || one === "text");
      // A primary key is taken for not NULL, which SQLite alone does not hold it to: one that is NULL stops the run.
      const isNullable = !notnull && pk === 0;
      return { name, nativeType: type, isNullable, types, orderedTypes };
    });
  },
  /** A file has no accounts: who may write it may change every table. */
  async mayWrite(db) {
    const [main]: { readonly file: string }[] = await db.raw("pragma database_list");
    try {
      accessSync(main?.file ?? "", constants.W_OK);
      return true;
    } catch {
      return false;
    }
  },
  async uniques(db, { table }: TableName) {
    const columns: ColumnInfo[] = await db.raw("select * from pragma_table_info(?)", [table]);
    const key = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
    const indexes: { readonly name: string }[] = await db.raw(
      'select name from pragma_index_list(?) where "unique" = 1 and partial = 0',
      [table],
    );
    const all = [key];
    for (const { name } of indexes) {
      const parts: { name: string | null }[] = await db.raw(
        "select name from pragma_index_info(?)",
        [name],
      );
      const isOfColumns = parts.every((part) => part.name !== null);
      if (isOfColumns) all.push(parts.map((part) => part.name ?? ""));
    }
    return all;
  },
};

/** @param file absolute */
export function connectSqlite(file: string): Knex {
  if (file === "" || file.startsWith(":"))
    throw new Fault("CONFIG_INVALID", "a database in memory");
  // knex asks for a file that can be written; its address says that this one is not.
  const address = `${pathToFileURL(file).href}?mode=ro`;
  return connectFile(address, { pragmas: ["query_only=1"], flags: ["OPEN_URI"], log: quiet });
}
