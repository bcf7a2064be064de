import type { SqlStatement } from "./database.ts";

type Values = SqlStatement["values"];

/**
 * Every write of the spool, in the order in which those of one commit are run: readings before the
 * batches that free them, transactions before the receipts that free both.
 */
const writes = {
  reading: {
    head: "INSERT INTO readings (id, meter, at_ms, body) VALUES ",
    row: "(?, ?, ?, ?)",
    tail: "",
  },
  batch: {
    head: "INSERT INTO batches (meter, sequence, payload) VALUES ",
    row: "(?, ?, ?)",
    tail: "",
  },
  meter: {
    head: "INSERT OR REPLACE INTO meters (meter, sequence, payload_hash, last_at_ms, last_body) VALUES ",
    row: "(?, ?, ?, ?, ?)",
    tail: "",
  },
  freeReading: { head: "DELETE FROM readings WHERE id IN (", row: "?", tail: ")" },
  signed: {
    head: "INSERT OR IGNORE INTO transactions (hash, meter, sequence, valid_until_height, encoded) VALUES ",
    row: "(?, ?, ?, ?, ?)",
    tail: "",
  },
  freeBatches: { head: "DELETE FROM batches WHERE meter = ? AND sequence <= ?", row: "", tail: "" },
  freeSigned: {
    head: "DELETE FROM transactions WHERE meter = ? AND sequence <= ?",
    row: "",
    tail: "",
  },
  height: { head: "UPDATE meta SET value = ? WHERE name = 'height'", row: "", tail: "" },
} as const;

export interface Write {
  readonly kind: keyof typeof writes;
  readonly values: Values;
}

/** Rows of one statement. Each statement costs a trip to sqlite's thread; few sizes are prepared. */
const ROWS = [64, 8, 1];

/** The writes as few statements: rows of one kind go together. */
export function mergeWrites(all: readonly Write[]): SqlStatement[] {
  const byKind = new Map<Write["kind"], Values[]>();
  for (const { kind, values } of all) {
    const rows = byKind.get(kind);
    if (rows === undefined) byKind.set(kind, [values]);
    else rows.push(values);
  }
  const statements: SqlStatement[] = [];
  for (const kind of Object.keys(writes) as Write["kind"][]) {
    statements.push(...statementsOf(kind, byKind.get(kind) ?? []));
  }
  return statements;
}

function statementsOf(kind: Write["kind"], rows: readonly Values[]): SqlStatement[] {
  const { head, row, tail } = writes[kind];
  if (row === "") return rows.map((values) => ({ sql: head, values }));
  const statements: SqlStatement[] = [];
  for (let at = 0; at < rows.length; ) {
    const count = ROWS.find((size) => size <= rows.length - at) ?? 1;
    const sql = head + new Array(count).fill(row).join(", ") + tail;
    statements.push({ sql, values: rows.slice(at, at + count).flat() });
    at += count;
  }
  return statements;
}
