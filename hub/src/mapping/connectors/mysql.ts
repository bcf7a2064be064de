import type { ColumnType } from "@gridledger/protocol/rows/column-types";
import knex, { type Knex } from "knex";
import type { TableName } from "./connector.ts";
import type { Dialect } from "./dialect.ts";
import { quiet } from "./quiet.ts";
import type { ServerAddress } from "./server-address.ts";

const types: Readonly<Record<string, readonly ColumnType[]>> = {
  ...{ smallint: ["integer", "decimal"], mediumint: ["integer", "decimal"] },
  ...{ int: ["integer", "decimal"], bigint: ["integer", "decimal"], year: ["integer"] },
  ...{ decimal: ["decimal"], double: ["float"], float: ["float32"], bit: ["boolean"] },
  ...{ varchar: ["text", "json", "uuid"], char: ["char", "text", "uuid"] },
  ...{ tinytext: ["text"], text: ["text", "json"], mediumtext: ["text", "json"] },
  ...{ longtext: ["text", "json"], enum: ["text"], set: ["text"], json: ["json"], uuid: ["uuid"] },
  ...{ binary: ["bytes", "uuid"], varbinary: ["bytes"], tinyblob: ["bytes"], blob: ["bytes"] },
  ...{ mediumblob: ["bytes"], longblob: ["bytes"], date: ["date"], time: ["time"] },
  ...{ datetime: ["timestamp"], timestamp: ["timestamptz"] },
};

function typesOf(dataType: string, columnType: string): readonly ColumnType[] {
  if (dataType !== "tinyint") return types[dataType] ?? [];
  return columnType.startsWith("tinyint(1)") ? ["boolean", "integer"] : ["integer", "boolean"];
}

const ORDERED: readonly ColumnType[] = [
  ...(["integer", "text", "date", "timestamp", "timestamptz"] as const),
];

interface ColumnInfo {
  readonly name: string;
  readonly data_type: string;
  readonly column_type: string;
  readonly nullable: string;
}

interface IndexPart {
  readonly index_name: string;
  readonly column_name: string;
  readonly sub_part: string | null;
}

const relation = "table_name = ? and table_schema = coalesce(nullif(?, ''), database())";
const bindRelation = ({ schema = "", table }: TableName) => [table, schema];

export const mysqlDialect: Dialect = {
  comparesRows: false,
  holdsKeysNotNull: true,
  quote: (name) => `\`${name.replaceAll("`", "``")}\``,
  select(quoted, type) {
    if (type === "bytes") return `hex(${quoted})`;
    if (type === "boolean") return `${quoted} + 0`;
    // As text a FLOAT has six digits; as a double it has all of its own.
    return type === "float32" ? `${quoted} + 0e0` : quoted;
  },
  bytes: (quoted) => `octet_length(${quoted})`,
  open: (value, type) =>
    type === "bytes" && typeof value === "string" ? Buffer.from(value, "hex") : value,
  bind(value, type) {
    if (typeof value !== "string") return value as Knex.Value;
    // A number beside a number: text would be compared as a double.
    if (type === "integer") return BigInt(value) as unknown as Knex.Value;
    return type === "timestamptz" ? value.replace(/Z$/, "") : value;
  },
  async columns(db, name) {
    const [rows = []]: ColumnInfo[][] = await db.raw(
      `select column_name as name, data_type as data_type, column_type as column_type,
              is_nullable as nullable
         from information_schema.columns where ${relation} order by ordinal_position`,
      bindRelation(name),
    );
    return rows.map(({ name: column, data_type, column_type, nullable }) => {
      const found = typesOf(data_type.toLowerCase(), column_type.toLowerCase());
      const orderedTypes = found.filter((type) => ORDERED.includes(type));
      const isNullable = nullable !== "NO";
      return { name: column, nativeType: column_type, isNullable, types: found, orderedTypes };
    });
  },
  async mayWrite(db, name) {
    const [rows = []]: { readonly rights: string }[][] = await db.raw(RIGHTS, bindRelation(name));
    return rows.some(({ rights }) => rights !== "0");
  },
  async uniques(db, name) {
    const [rows = []]: IndexPart[][] = await db.raw(
      `select index_name as index_name, column_name as column_name, sub_part as sub_part
           from information_schema.statistics where ${relation} and non_unique = 0
          order by index_name, seq_in_index`,
      bindRelation(name),
    );
    const names = [...new Set(rows.map((row) => row.index_name))];
    return names
      .map((index) => rows.filter((row) => row.index_name === index))
      .filter((parts) => parts.every((part) => part.sub_part === null))
      .map((parts) => parts.map((part) => part.column_name));
  },
};

/** `'user'@'host'`, as the tables of rights call the account of this connection. */
const GRANTEE = `concat(char(39), left(current_user(), char_length(current_user()) - char_length(w.host) - 1),
  char(39), '@', char(39), w.host, char(39))`;

/** Rights of the account itself, global, on the schema (a pattern) and on the table; not those of its roles. */
const RIGHTS = `
  select count(*) as rights
    from (select ? as tab, coalesce(nullif(?, ''), database()) as sch,
                 substring_index(current_user(), '@', -1) as host) w
    join (select privilege_type, grantee, null as sch, null as tab
            from information_schema.user_privileges
          union all
          select privilege_type, grantee, table_schema, null from information_schema.schema_privileges
          union all
          select privilege_type, grantee, table_schema, table_name
            from information_schema.table_privileges) g
      on g.grantee = ${GRANTEE}
     and (g.sch is null or w.sch like g.sch) and (g.tab is null or g.tab = w.tab)
   where g.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'DROP', 'ALTER')`;

interface MysqlField {
  string(encoding?: string): string | null;
}

interface Connection {
  query(sql: string, done: (error: Error | null) => void): void;
}

export function connectMysql(address: ServerAddress): Knex {
  const { host, port = 3_306, user, password, database, ssl, statementTimeoutMs } = address;
  // MariaDB counts seconds, MySQL milliseconds, and neither knows the other's variable.
  const setUp: readonly SetUp[] = [
    { sql: "set time_zone = '+00:00'", isNeeded: true },
    { sql: "set session transaction read only", isNeeded: true },
    { sql: `set session max_statement_time = ${statementTimeoutMs / 1_000}`, isNeeded: false },
    { sql: `set session max_execution_time = ${statementTimeoutMs}`, isNeeded: false },
  ];
  return knex({
    client: "mysql2",
    log: quiet,
    connection: {
      ...{ host, port, user, password, database, charset: "utf8mb4", connectTimeout: 10_000 },
      ...(ssl && { ssl }),
      // Every value comes as its text: a driver's own numbers and dates have lost something already.
      typeCast: (field: MysqlField) => field.string("utf8"),
    },
    acquireConnectionTimeout: 10_000,
    pool: {
      min: 0,
      max: 1,
      idleTimeoutMillis: 30_000,
      afterCreate(connection: Connection, done: (error: Error | null, it: unknown) => void) {
        runAll(connection, setUp, (error) => done(error, connection));
      },
    },
  });
}

interface SetUp {
  readonly sql: string;
  readonly isNeeded: boolean;
}

/** One after the other; what is not needed may fail. */
function runAll(
  connection: Connection,
  [first, ...rest]: readonly SetUp[],
  done: (error: Error | null) => void,
): void {
  if (first === undefined) done(null);
  else {
    connection.query(first.sql, (error) => {
      if (error !== null && first.isNeeded) done(error);
      else runAll(connection, rest, done);
    });
  }
}
