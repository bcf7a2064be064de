import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("outbox", (table) => {
    table.binary("hash").primary();
    table.binary("encoded").notNullable();
    table.bigInteger("valid_until").notNullable();
    table.bigInteger("created_ms").notNullable();
    table.text("state").notNullable(); // spooled · refused
    table.text("code");
    table.text("detail");
    table.bigInteger("refused_ms");
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("outbox");
}

/** Transactions handed in over REST, kept until they are final or refused. */
export const outboxTable: Migration = { name: "002-outbox", up, down };
