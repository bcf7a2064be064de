import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("market_meters", (table) => {
    table.binary("id").primary();
    table.string("name", 64).notNullable();
  });
  await db.schema.createTable("market_intervals", (table) => {
    table.bigInteger("interval").primary();
    for (const name of ["price", "volume_wh", "demand_wh", "supply_wh"]) table.bigInteger(name);
    table.binary("balancing").notNullable();
    table.integer("forgotten").notNullable().defaultTo(0);
  });
  await db.schema.createTable("market_orders", (table) => {
    table.binary("id").primary();
    table.bigInteger("position").notNullable().index();
    table.bigInteger("interval").notNullable().index();
    table.binary("owner").notNullable().index();
    table.binary("meter").notNullable();
    table.binary("client_id").notNullable();
    table.integer("is_buy").notNullable();
    table.bigInteger("quantity_wh").notNullable();
    table.bigInteger("price").notNullable();
    table.string("state", 16).notNullable();
    table.bigInteger("filled_wh");
  });
  await db.schema.createTable("market_settlements", (table) => {
    table.bigInteger("interval").notNullable();
    table.binary("meter").notNullable();
    table.bigInteger("position").notNullable().index();
    table.binary("owner").notNullable().index();
    table.bigInteger("traded_wh").notNullable();
    table.bigInteger("metered_wh").notNullable();
    table.string("trade", 48).notNullable();
    table.string("deviation", 48).notNullable();
    table.string("state", 16).notNullable();
    table.integer("times").notNullable();
    table.primary(["interval", "meter"]);
  });
  await db.schema.createTable("market_balances", (table) => {
    table.binary("owner").primary();
    table.string("balance", 48).notNullable();
    table.integer("settlements").notNullable();
  });
}

async function down(db: Knex): Promise<void> {
  for (const name of ["balances", "settlements", "orders", "intervals", "meters"]) {
    await db.schema.dropTable(`market_${name}`);
  }
}

/** What the events of the market and of the registry of meters say (`hub/market`). */
export const marketTables: Migration = { name: "040-market", up, down };
