import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  const key = db.client.dialect === "sqlite3" ? "integer" : "bigint";
  await db.schema.createTable("receipts", (table) => {
    table.specificType("position", key).primary();
    table.binary("encoded").notNullable();
  });
  await db.schema.createTable("contracts", (table) => {
    table.binary("address").primary();
    table.bigInteger("position").notNullable();
    table.index(["position"]);
  });
  await db.schema.createTable("logs", (table) => {
    table.specificType("position", key).primary();
    table.integer("tx_index").notNullable();
    table.binary("address").notNullable();
    table.binary("topic").notNullable();
    table.binary("topics").notNullable();
    table.binary("data").notNullable();
    table.index(["address", "position"]);
    table.index(["topic", "position"]);
  });
  await db.raw(
    "create index transactions_contracts on transactions (position) where kind in (10, 11)",
  );
}

async function down(db: Knex): Promise<void> {
  await db.raw("drop index transactions_contracts");
  for (const table of ["logs", "contracts", "receipts"]) await db.schema.dropTable(table);
}

/**
 * What contracts did, by block: receipts by the place of their transaction, logs by their running number
 * in the block (`index/position`). They come from validators and are checked against the header.
 */
export const contractTables: Migration = { name: "020-contracts", up, down };
