import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("corrections", (table) => {
    table.text("meter").notNullable();
    table.bigInteger("number").notNullable();
    table.bigInteger("position").notNullable();
    table.binary("hash").notNullable();
    table.binary("content_hash").notNullable();
    table.bigInteger("sequence").notNullable();
    table.binary("sender").notNullable();
    table.binary("agreed_by");
    table.text("reason").notNullable();
    table.text("words").notNullable();
    table.primary(["meter", "number"]);
    table.index(["position"]);
  });
  await db.schema.createTable("corrected_values", (table) => {
    table.text("meter").notNullable();
    table.bigInteger("time_ms").notNullable();
    table.text("obis").notNullable();
    table.bigInteger("number").notNullable();
    table.text("unit").notNullable();
    table.integer("scaler").notNullable();
    table.text("old_status").notNullable();
    table.bigInteger("old_value");
    table.text("status").notNullable();
    table.bigInteger("value");
    table.primary(["meter", "time_ms", "obis", "number"]);
    table.index(["meter", "number"]);
  });
}

async function down(db: Knex): Promise<void> {
  for (const table of ["corrected_values", "corrections"]) await db.schema.dropTable(table);
}

/** Corrections of readings and what they made of values (guide §4.4.1 a). */
export const correctionTables: Migration = { name: "042-corrections", up, down };
