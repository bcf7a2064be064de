import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("accounts", (table) => {
    table.text("name").primary();
    table.text("password_hash").notNullable();
    table.integer("chosen").notNullable(); // 0 while the password is the hub's one-time one
  });
  await db.schema.createTable("sessions", (table) => {
    table.binary("token_hash").primary();
    table.text("account").notNullable();
    table.bigInteger("expires_ms").notNullable();
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("sessions");
  await db.schema.dropTable("accounts");
}

/** People who sign in, and their sessions; neither passwords nor tokens stand here, only hashes. */
export const accountTables: Migration = { name: "003-accounts", up, down };
