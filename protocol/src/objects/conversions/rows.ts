import { z } from "zod";
import { canonicalJson } from "./json.ts";
import { unfit } from "./unfit.ts";

const typeNames = ["integer", "decimal", "text", "bytes", "time", "boolean"] as const;
type ColumnType = (typeof typeNames)[number];

const table = z.strictObject({
  columns: z
    .array(z.strictObject({ name: z.string().min(1).max(128), type: z.enum(typeNames) }))
    .min(1)
    .max(1_000),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});

/**
 * Rows of a database in one form, whichever database they come from: `{"columns": [{"name", "type"}],
 * "rows": [[…]]}` becomes one canonical JSON array a line, the names and types of the columns first.
 * integer and decimal are texts of digits without needless zeros (never a binary float), time is UTC in
 * milliseconds, bytes are small hexadecimal digits, NULL stays null.
 */
export function canonicalRows(text: string): string {
  const parsed = table.safeParse(JSON.parse(canonicalJson(text)));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return unfit(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not a table"}`);
  }
  const { columns, rows } = parsed.data;
  const names = new Set(columns.map(({ name }) => name));
  if (names.size !== columns.length) unfit("a column stands twice");
  const lines = rows.map((row, i) => {
    if (row.length !== columns.length) unfit(`row ${i + 1} has ${row.length} values`);
    return row.map((value, j) => canonicalValue(columns[j]!, value, i + 1));
  });
  const head = columns.map(({ name, type }) => [name, type]);
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("");
}

type Value = string | number | boolean | null;

const forms: Readonly<Record<ColumnType, (value: Value) => Value | undefined>> = {
  integer: (value) => integerOf(typeof value === "number" ? String(value) : value),
  decimal: (value) => (typeof value === "string" ? decimalOf(value) : integerOf(String(value))),
  text: (value) => (typeof value === "string" ? value : undefined),
  bytes: (value) =>
    typeof value === "string" && /^(?:[0-9a-fA-F]{2})*$/.test(value)
      ? value.toLowerCase()
      : undefined,
  time: (value) => (typeof value === "string" ? timeOf(value) : undefined),
  boolean: (value) => (typeof value === "boolean" ? value : undefined),
};

function canonicalValue(
  { name, type }: { readonly name: string; readonly type: ColumnType },
  value: Value,
  row: number,
): Value {
  if (value === null) return null;
  const found = forms[type](value);
  if (found !== undefined) return found;
  return unfit(`row ${row}, ${name}: ${JSON.stringify(value)} is no ${type} as text`);
}

function integerOf(value: Value): string | undefined {
  const match = typeof value === "string" ? /^([+-]?)0*(\d+)$/.exec(value) : null;
  if (match === null) return undefined;
  const [, sign, digits] = match;
  return sign === "-" && digits !== "0" ? `-${digits}` : digits;
}

function decimalOf(text: string): string | undefined {
  const match = /^([+-]?\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const whole = integerOf(match[1]!)!;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction === "") return whole;
  const sign = match[1]!.startsWith("-") && whole === "0" ? "-" : "";
  return `${sign}${whole}.${fraction}`;
}

function timeOf(text: string): string | undefined {
  // Without an offset two databases mean two times by it.
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)) {
    return undefined;
  }
  const timeMs = Date.parse(text.replace(" ", "T"));
  return Number.isNaN(timeMs) ? undefined : new Date(timeMs).toISOString();
}
