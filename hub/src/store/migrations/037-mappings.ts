import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("mappings", (table) => {
    table.string("id", 20).primary();
    table.string("name").notNullable().unique();
    table.text("definition").notNullable();
    table.text("progress").notNullable();
    table.bigInteger("created_ms").notNullable();
    table.string("created_by").notNullable();
    table.string("paused_code");
    table.text("paused_detail").notNullable().defaultTo("");
  });
  await db.schema.createTable("mapping_batches", (table) => {
    table.string("mapping", 20).notNullable();
    table.integer("batch").notNullable();
    table.binary("payload").notNullable();
    table.binary("leaves").notNullable();
    table.binary("commitments").notNullable();
    table.binary("tx");
    table.integer("height");
    table.bigInteger("block_ms");
    table.primary(["mapping", "batch"]);
  });
  await db.schema.createTable("mapping_rows", (table) => {
    table.increments("id");
    table.string("mapping", 20).notNullable();
    table.binary("key").notNullable();
    table.integer("batch").notNullable();
    table.integer("place").notNullable();
    table.integer("sweep").notNullable().defaultTo(0);
    table.boolean("removed").notNullable().defaultTo(false);
    table.unique(["mapping", "key"]);
  });
  await db.schema.createTable("mapping_changes", (table) => {
    table.string("mapping", 20).notNullable();
    table.binary("key").notNullable();
    table.string("actor").notNullable();
    table.text("reason").notNullable();
    table.bigInteger("until_ms").notNullable();
    table.primary(["mapping", "key"]);
  });
  await db.schema.createTable("mapping_sweeps", (table) => {
    table.string("mapping", 20).notNullable();
    table.integer("number").notNullable();
    table.bigInteger("started_ms").notNullable();
    table.bigInteger("finished_ms");
    table.integer("rows").notNullable().defaultTo(0);
    table.primary(["mapping", "number"]);
  });
  await db.schema.createTable("mapping_findings", (table) => {
    table.increments("id");
    table.string("mapping", 20).notNullable();
    table.binary("key").notNullable();
    table.string("kind").notNullable();
    table.text("columns").notNullable();
    table.bigInteger("since_ms").notNullable();
    table.bigInteger("found_ms").notNullable();
    table.bigInteger("settled_ms");
    table.string("settled_how");
    table.text("evidence").notNullable();
    table.binary("copy");
    table.index(["mapping", "settled_ms"]);
  });
}

async function down(db: Knex): Promise<void> {
  const tables = ["findings", "sweeps", "changes", "rows", "batches"];
  for (const table of tables) await db.schema.dropTable(`mapping_${table}`);
  await db.schema.dropTable("mappings");
}

/** Tables of other programs that are anchored: batches with their leaves, where each row stands, what was found. */
export const mappingTables: Migration = { name: "037-mappings", up, down };
