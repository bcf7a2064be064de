import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("key_deliveries", (table) => {
    table.text("id").primary();
    table.text("name").notNullable();
    table.text("form").notNullable(); // page · sealed
    table.text("purpose").notNullable(); // signing · encryption
    table.binary("public_key").notNullable();
    table.binary("content"); // null once it was fetched or has expired
    table.text("created_by").notNullable();
    table.bigInteger("created_ms").notNullable();
    table.bigInteger("expires_ms").notNullable();
    table.bigInteger("fetched_ms");
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("key_deliveries");
}

/** Keys made here for somebody else, sealed, until they are fetched. */
export const keyDeliveryTable: Migration = { name: "035-key-deliveries", up, down };
