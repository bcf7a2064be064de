import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("copy_holders", (table) => {
    table.binary("identity").notNullable();
    table.text("name").notNullable();
    table.bigInteger("capacity").notNullable();
    table.bigInteger("height").notNullable();
    table.primary(["identity", "name"]);
  });
  await db.schema.createTable("copies", (table) => {
    table.binary("root").notNullable();
    table.text("holder").notNullable();
    table.text("state").notNullable();
    table.text("reason");
    table.integer("faults").notNullable();
    table.bigInteger("checked_ms").notNullable();
    table.bigInteger("since_ms").notNullable();
    table.binary("statement");
    table.primary(["root", "holder"]);
    table.index(["state", "checked_ms"]);
  });
}

async function down(db: Knex): Promise<void> {
  for (const table of ["copies", "copy_holders"]) await db.schema.dropTable(table);
}

/** Who keeps copies of objects, and how each copy stands (guide §10.5). */
export const copyTables: Migration = { name: "043-copies", up, down };
