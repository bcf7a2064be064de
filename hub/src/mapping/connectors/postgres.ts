import type { ColumnType } from "@gridledger/protocol/rows/column-types";
import knex, { type Knex } from "knex";
import type { TableName } from "./connector.ts";
import type { Dialect } from "./dialect.ts";
import { quiet } from "./quiet.ts";
import type { ServerAddress } from "./server-address.ts";

const types: Readonly<Record<string, readonly ColumnType[]>> = {
  int2: ["integer", "decimal"],
  int4: ["integer", "decimal"],
  int8: ["integer", "decimal"],
  numeric: ["decimal"],
  float8: ["float"],
  float4: ["float32"],
  text: ["text"],
  varchar: ["text"],
  name: ["text"],
  bpchar: ["char"],
  bytea: ["bytes"],
  bool: ["boolean"],
  date: ["date"],
  time: ["time"],
  timestamp: ["timestamp"],
  timestamptz: ["timestamptz"],
  json: ["json"],
  jsonb: ["json"],
  uuid: ["uuid"],
};

const ORDERED: readonly ColumnType[] = [
  ...(["integer", "text", "date", "timestamp", "timestamptz", "uuid"] as const),
];

interface ColumnInfo {
  readonly name: string;
  readonly kind: string;
  readonly native: string;
  /** As text: nothing is parsed here. */
  readonly notnull: string;
}

/** `search_path` decides where no schema is named. As text: a longer `name` would be cut and be another table's. */
const relation =
  "c.relname::text = ? and case when ? = '' then pg_table_is_visible(c.oid) else n.nspname::text = ? end";
const bindRelation = ({ schema = "", table }: TableName) => [table, schema, schema];

export const postgresDialect: Dialect = {
  comparesRows: true,
  holdsKeysNotNull: true,
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  select: (quoted) => quoted,
  bytes: (quoted, type) => `octet_length(${quoted}${type === "json" ? "::text" : ""})`,
  open(value, type) {
    if (type !== "bytes" || typeof value !== "string") return value;
    return Buffer.from(value.slice(2), "hex"); // bytea_output hex: \x…
  },
  bind: (value, type) => (type === "bytes" || value === null ? (value as Knex.Value) : `${value}`),
  async columns(db, name) {
    const { rows }: { rows: ColumnInfo[] } = await db.raw(
      `select a.attname as name, coalesce(b.typname, t.typname) as kind, a.attnotnull as notnull,
              format_type(a.atttypid, a.atttypmod) as native
         from pg_attribute a
         join pg_class c on c.oid = a.attrelid
         join pg_namespace n on n.oid = c.relnamespace
         join pg_type t on t.oid = a.atttypid
         left join pg_type b on b.oid = nullif(t.typbasetype, 0)
        where ${relation} and a.attnum > 0 and not a.attisdropped
        order by a.attnum`,
      bindRelation(name),
    );
    return rows.map(({ name: column, kind, native, notnull }) => {
      const found = types[kind] ?? [];
      const orderedTypes = found.filter((type) => ORDERED.includes(type));
      const isNullable = notnull !== "t";
      return { name: column, nativeType: native, isNullable, types: found, orderedTypes };
    });
  },
  async mayWrite(db, name) {
    const { rows }: { rows: { readonly may: string }[] } = await db.raw(
      `select has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') as may
         from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${relation}`,
      bindRelation(name),
    );
    return rows.some(({ may }) => may === "t");
  },
  async uniques(db, name) {
    const { rows }: { rows: { readonly columns: string }[] } = await db.raw(
      `select array_to_json(array(
                select a.attname from unnest(i.indkey) k join pg_attribute a
                    on a.attrelid = i.indrelid and a.attnum = k))::text as columns
         from pg_index i
         join pg_class c on c.oid = i.indrelid
         join pg_namespace n on n.oid = c.relnamespace
        where ${relation} and i.indisunique and i.indisvalid
              and i.indpred is null and i.indexprs is null`,
      bindRelation(name),
    );
    return rows.map(({ columns }) => JSON.parse(columns) as string[]);
  },
};

/** Every value comes as its text, in UTC; the session only reads, and no statement takes long. */
const session = [
  "set session characteristics as transaction read only",
  "set time zone 'UTC'",
  "set datestyle = 'ISO'",
  "set bytea_output = 'hex'",
  "set extra_float_digits = 1",
  "set application_name = 'gridledger'",
];

export function connectPostgres(address: ServerAddress): Knex {
  const { host, port = 5_432, user, password, database, ssl, statementTimeoutMs } = address;
  const setUp = [...session, `set statement_timeout = ${Math.trunc(statementTimeoutMs)}`].join(";");
  return knex({
    client: "pg",
    log: quiet,
    connection: {
      ...{ host, port, user, password, database, ssl, connectionTimeoutMillis: 10_000 },
      types: { getTypeParser: () => (text: unknown) => text },
    },
    acquireConnectionTimeout: 10_000,
    pool: {
      min: 0,
      max: 1,
      idleTimeoutMillis: 30_000,
      afterCreate(
        connection: { query(sql: string, done: (error: Error | null) => void): void },
        done: (error: Error | null, it: unknown) => void,
      ) {
        connection.query(setUp, (error) => done(error, connection));
      },
    },
  });
}
