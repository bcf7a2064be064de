import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("api_tokens", (table) => {
    table.text("id").primary();
    table.text("account").notNullable().index();
    table.text("name").notNullable();
    table.binary("token_hash").notNullable().unique();
    table.text("permissions").notNullable(); // JSON
    table.bigInteger("created_ms").notNullable();
    table.bigInteger("expires_ms").notNullable();
    table.bigInteger("used_ms");
    table.bigInteger("revoked_ms");
  });
  await db.schema.createTable("access_rules", (table) => {
    table.integer("version").primary();
    table.bigInteger("time_ms").notNullable();
    table.text("actor").notNullable();
    table.text("note").notNullable();
    table.text("rules").notNullable(); // JSON, all rules of the version
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("access_rules");
  await db.schema.dropTable("api_tokens");
}

/** Tokens of programs, by hash; every version of the rules that administrators added. */
export const accessTables: Migration = { name: "008-access", up, down };
