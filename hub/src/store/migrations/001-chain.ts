import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  // SQLite makes only `integer primary key` the table's own key; PostgreSQL's integer has 32 bits.
  const key = db.client.dialect === "sqlite3" ? "integer" : "bigint";
  await db.schema.createTable("meta", (table) => {
    table.text("name").primary();
    table.text("value").notNullable();
  });
  await db.schema.createTable("blocks", (table) => {
    table.specificType("height", key).primary();
    table.binary("hash").notNullable();
    table.bigInteger("time_ms").notNullable();
    table.integer("proposer").notNullable();
    table.bigInteger("round").notNullable();
    table.integer("tx_count").notNullable();
    table.integer("readings").notNullable();
    table.integer("bytes").notNullable();
    table.binary("header").notNullable();
    table.binary("seal").notNullable();
    table.bigInteger("total_transactions").notNullable();
    table.bigInteger("total_readings").notNullable();
  });
  await db.schema.createTable("transactions", (table) => {
    table.specificType("position", key).primary();
    table.binary("hash").notNullable();
    table.bigInteger("kind").notNullable();
    table.binary("sender").notNullable();
    table.integer("bytes").notNullable();
    table.text("meter");
    table.bigInteger("sequence");
    table.bigInteger("first_ms");
    table.bigInteger("last_ms");
    table.integer("readings");
    table.binary("encoded").notNullable();
    table.unique(["hash"]);
  });
  // Partial: transactions of other kinds take no room in it. SQLite and PostgreSQL both know it.
  await db.raw(
    "create index transactions_meter on transactions (meter, last_ms) where meter is not null",
  );
  await db.schema.createTable("meters", (table) => {
    table.text("name").primary();
    table.binary("owner").notNullable();
    table.bigInteger("sequence").notNullable();
    table.bigInteger("readings").notNullable();
    table.bigInteger("first_ms").notNullable();
    table.bigInteger("last_ms").notNullable();
    // The longest time one batch covers: bounds where a batch that holds a time can end.
    table.bigInteger("max_span_ms").notNullable();
  });
  await db.schema.createTable("registers", (table) => {
    table.text("meter").notNullable();
    table.text("obis").notNullable();
    table.text("unit").notNullable();
    table.primary(["meter", "obis"]);
  });
  await db.schema.createTable("identities", (table) => {
    table.binary("id").primary();
    table.text("role").notNullable();
    table.text("name").notNullable();
    table.binary("public_key").notNullable();
    table.bigInteger("since_height").notNullable();
  });
}

async function down(db: Knex): Promise<void> {
  for (const table of ["identities", "registers", "meters", "transactions", "blocks", "meta"]) {
    await db.schema.dropTable(table);
  }
}

/**
 * The index of the chain. Every byte of a block is kept once: header and seal in `blocks`, each
 * transaction as signed in its own row. A block is put together from its rows, one reading is one row
 * looked up and one batch decoded, and nothing walks through a megabyte blob for either.
 *
 * `position` is height · 65,536 + index: the rows of a block are one run of the primary key, and the
 * table only ever grows at its end.
 */
export const chainTables: Migration = { name: "001-chain", up, down };
