import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("webhooks", (table) => {
    table.string("id").primary();
    table.string("account").notNullable();
    table.string("url", 2_048).notNullable();
    // To sign with it, it must be known: whoever reads this file signs as the hub does.
    table.binary("secret").notNullable();
    table.binary("address");
    table.binary("topic");
    table.boolean("alarms").notNullable();
    table.bigInteger("next_height").notNullable();
    table.integer("next_index").notNullable();
    table.bigInteger("created_ms").notNullable();
    table.index(["account"]);
  });
  await db.schema.createTable("webhook_events", (table) => {
    table.increments("position");
    table.string("webhook").notNullable();
    table.string("event").notNullable();
    table.string("type").notNullable();
    table.text("data").notNullable();
    table.integer("tries").notNullable();
    table.bigInteger("next_try_ms").notNullable();
    table.string("last_error", 200);
    table.bigInteger("dead_ms");
    table.unique(["webhook", "event"]);
    table.index(["webhook", "dead_ms", "position"]);
  });
}

async function down(db: Knex): Promise<void> {
  for (const table of ["webhook_events", "webhooks"]) await db.schema.dropTable(table);
}

/** Who wants to be told by HTTP, how far each was told, and what waits or was given up (guide §4.3.4). */
export const webhookTables: Migration = { name: "025-webhooks", up, down };
