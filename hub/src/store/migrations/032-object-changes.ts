import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("object_changes", (table) => {
    table.binary("root").notNullable();
    table.text("type").notNullable();
    table.bigInteger("height").notNullable();
    table.binary("successor");
    table.text("legal_basis").notNullable();
    table.primary(["root", "type"]);
    table.index(["successor"]);
  });
  await db.schema.createTable("erasure_receipts", (table) => {
    table.binary("root").notNullable();
    table.binary("replica").notNullable();
    table.bigInteger("position").notNullable();
    table.primary(["root", "replica"]);
  });
}

async function down(db: Knex): Promise<void> {
  for (const table of ["erasure_receipts", "object_changes"]) await db.schema.dropTable(table);
}

/** What was decided about objects, and which replicas have said that they erased (guide §9.1). */
export const objectChangeTables: Migration = { name: "032-object-changes", up, down };
