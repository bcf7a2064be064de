import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("audit_events", (table) => {
    table.bigInteger("sequence").primary(); // 1, 2, 3 …
    table.bigInteger("time_ms").notNullable();
    table.text("category").notNullable();
    table.text("actor").notNullable();
    table.text("action").notNullable();
    table.text("target").notNullable();
    table.text("result").notNullable(); // done · refused
    table.text("before"); // JSON
    table.text("after"); // JSON
    table.text("detail").notNullable();
    table.binary("hash").notNullable();
    table.index(["category", "sequence"]);
    table.index(["actor", "sequence"]);
    table.index(["target", "sequence"]);
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("audit_events");
}

/** What people and programs did, each event bound to the one before. */
export const auditTable: Migration = { name: "007-audit", up, down };
