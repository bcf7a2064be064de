import type { ColumnType } from "@gridledger/protocol/rows/column-types";

/** A value at the end of what its type takes, as this database writes it and as everybody reads it. */
export interface End {
  readonly native: string;
  readonly type: ColumnType;
  readonly sql: string;
  /** Undefined: it is refused. */
  readonly reads: string | undefined;
}

const is = (native: string, type: ColumnType, sql: string, reads?: string): End => {
  return { native, type, sql, reads };
};

export const postgresEnds: readonly End[] = [
  is("float8", "float", "'-0'", "0"),
  is("float8", "float", "'NaN'", "NaN"),
  is("float8", "float", "'-Infinity'", "-Infinity"),
  is("float8", "float", "5e-324", "5e-324"),
  is("float4", "float32", "1e-45", "1.401298464324817e-45"),
  is("numeric", "decimal", "1e400", "1e400"),
  is("numeric(12,6)", "decimal", "'-0.000000'", "0"),
  is("numeric", "decimal", "'NaN'", "NaN"),
  is("bigint", "integer", "-9223372036854775808", "-9223372036854775808"),
  is("boolean", "boolean", "false", "0"),
  is("bytea", "bytes", "''", ""),
  is("jsonb", "json", `'{"b":-0.0,"a":1e400,"b":2}'`, '{"a":1e400,"b":2}'),
  is("date", "date", "'9999-12-31'", "9999-12-31"),
  is("date", "date", "'infinity'", "infinity"),
  is("date", "date", "'0044-03-15 BC'"),
  is("timestamp", "timestamp", "'12026-01-01 00:00:00'"),
  is("timestamp", "timestamp", "'0001-01-01 00:00:00.000001'", "0001-01-01T00:00:00.000001"),
  // The hour that Berlin has twice is two hours.
  is("timestamptz", "timestamptz", "'2026-10-25 02:30:00+02'", "2026-10-25T00:30:00Z"),
  is("timestamptz", "timestamptz", "'2026-10-25 02:30:00+01'", "2026-10-25T01:30:00Z"),
];

export const mariadbEnds: readonly End[] = [
  is("double", "float", "-0e0", "0"),
  is("double", "float", "2.2250738585072014e-308", "2.2250738585072014e-308"),
  is("decimal(12,6)", "decimal", "-0.000000", "0"),
  is("bigint unsigned", "integer", "18446744073709551615", "18446744073709551615"),
  is("bit(1)", "boolean", "b'1'", "1"),
  is("tinyint(1)", "boolean", "0", "0"),
  is("tinyint(1)", "boolean", "7"),
  is("blob", "bytes", "''", ""),
  is("json", "json", `'{"b":-0.0,"a":1e400,"b":2}'`, '{"a":1e400,"b":2}'),
  is("date", "date", "'0000-00-00'", "0000-00-00"),
  is("datetime", "timestamp", "'0000-00-00 00:00:00'", "0000-00-00T00:00:00"),
  is("timestamp null", "timestamptz", "0", "0000-00-00T00:00:00Z"),
  is("datetime(6)", "timestamp", "'9999-12-31 23:59:59.999999'", "9999-12-31T23:59:59.999999"),
  is("date", "date", "'0001-01-01'", "0001-01-01"),
  is("time", "time", "'-838:59:59'", "-838:59:59"),
];
