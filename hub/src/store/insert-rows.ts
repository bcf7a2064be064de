import type { Knex } from "knex";

/** More rows in one statement are not faster, and SQLite's limit is 32,766 values. */
const MAX_ROWS = 200;

export type SqlValue = string | number | Buffer | null;

interface InsertTarget {
  readonly table: string;
  readonly columns: readonly string[];
  /** e.g. `on conflict (name) do nothing`; the same in SQLite and PostgreSQL. */
  readonly onConflict?: string;
}

/**
 * Multi-row insert. knex's own `insert` writes a chain of `union all select` for SQLite, which is
 * refused above 500 rows and twice as slow.
 */
export async function insertRows(
  db: Knex,
  target: InsertTarget,
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  const one = `(${target.columns.map(() => "?").join(",")})`;
  const head = `insert into ${target.table} (${target.columns.join(",")}) values `;
  const tail = target.onConflict === undefined ? "" : ` ${target.onConflict}`;
  for (let at = 0; at < rows.length; at += MAX_ROWS) {
    const some = rows.slice(at, at + MAX_ROWS);
    const sql = `${head}${Array(some.length).fill(one).join(",")}${tail}`;
    await db.raw(sql, some.flat() as Knex.RawBinding[]);
  }
}
