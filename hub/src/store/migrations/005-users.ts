import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.alterTable("accounts", (table) => {
    table.text("kind").notNullable().defaultTo("person"); // person · program
    table.text("roles").notNullable().defaultTo("[]"); // JSON
    table.text("attributes").notNullable().defaultTo("{}"); // JSON
    table.integer("enabled").notNullable().defaultTo(1);
    table.bigInteger("created_ms").notNullable().defaultTo(0);
    table.bigInteger("last_sign_in_ms");
  });
  // Until now there was one account, which did everything.
  await db("accounts").update({ roles: JSON.stringify(["operator", "administrator"]) });
  await db.schema.dropTable("sessions");
  await db.schema.createTable("sessions", (table) => {
    table.binary("token_hash").primary();
    table.text("id").notNullable().unique();
    table.text("account").notNullable().index();
    table.text("kind").notNullable(); // console · key
    table.bigInteger("created_ms").notNullable();
    table.bigInteger("seen_ms").notNullable();
    table.bigInteger("expires_ms").notNullable();
    table.text("address").notNullable();
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("sessions");
  await db.schema.createTable("sessions", (table) => {
    table.binary("token_hash").primary();
    table.text("account").notNullable();
    table.bigInteger("expires_ms").notNullable();
  });
  await db.schema.alterTable("accounts", (table) => {
    table.dropColumns("kind", "roles", "attributes", "enabled", "created_ms", "last_sign_in_ms");
  });
}

/** Accounts become users with roles and attributes; sessions can be listed and ended one by one. */
export const userTables: Migration = { name: "005-users", up, down };
