import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("copy_policy", (table) => {
    table.text("classification").primary();
    table.integer("copies").notNullable();
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("copy_policy");
}

/** How many copies objects of a class have, where votes have decided it (guide §10.5). */
export const copyPolicyTable: Migration = { name: "045-copy-policy", up, down };
