import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("objects", (table) => {
    table.binary("root").primary();
    table.bigInteger("position").notNullable().unique();
    table.binary("owner").notNullable();
    table.text("name").notNullable();
    table.index(["owner", "position"]);
    table.index(["name", "position"]);
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("objects");
}

/**
 * Data objects of the chain by their place (`index/position`). What else is known of one stands in its
 * transaction; its bytes are not in this database at all (`objects/payload-store`).
 */
export const objectTable: Migration = { name: "030-objects", up, down };
