import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import knex from "knex";
import { SqlConnector } from "../../hub/src/mapping/connectors/sql-connector.ts";
import { connectSqlite, sqliteDialect } from "../../hub/src/mapping/connectors/sqlite.ts";

/** An application's own SQLite file: the test writes, the connector reads. */
export function sqliteTable() {
  const folder = mkdtempSync(join(tmpdir(), "gl-app-"));
  const file = join(folder, "app.sqlite");
  const app = knex({ client: "sqlite3", connection: { filename: file }, useNullAsDefault: true });
  return {
    app,
    file,
    run: (sql: string, bindings: readonly (string | number | Buffer | null)[] = []) =>
      app.raw(sql, bindings as string[]),
    async readings(rows: number) {
      await app.raw(
        "create table readings (id integer primary key, meter text not null, kwh numeric(12,3), note text)",
      );
      await app.raw(
        `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows})
         insert into readings select i, 'M' || (i % 7), i * 1.5, null from n`,
      );
    },
    connect: () =>
      new SqlConnector({ db: connectSqlite(file), dialect: sqliteDialect, name: "app" }),
    async close() {
      await app.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
