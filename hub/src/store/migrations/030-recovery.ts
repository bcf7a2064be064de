import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("kept_keys", (table) => {
    table.text("public_key").primary(); // hex
    table.text("label").notNullable();
    table.text("owner").notNullable().index();
    table.text("commitments").notNullable(); // JSON, hex
    table.text("custodians").notNullable(); // JSON
    table.binary("box").notNullable();
    table.text("sealed_shares").notNullable(); // JSON, base64url
    table.binary("tx_hash").notNullable();
    table.bigInteger("created_ms").notNullable();
  });
  await db.schema.createTable("recovery_requests", (table) => {
    table.text("id").primary();
    table.text("public_key").notNullable().index();
    table.text("requester").notNullable();
    table.text("asked_by").notNullable();
    table.text("recipient_key").notNullable();
    table.text("reason").notNullable();
    table.text("legal_basis").notNullable();
    table.bigInteger("created_ms").notNullable();
    table.bigInteger("expires_ms").notNullable();
    table.binary("tx_hash").notNullable();
    table.binary("completed_tx");
  });
  await db.schema.createTable("released_shares", (table) => {
    table.text("request").notNullable();
    table.integer("place").notNullable();
    table.binary("sealed").notNullable();
    table.binary("tx_hash").notNullable();
    table.integer("bad").notNullable(); // 1 where the requester says that it does not fit
    table.primary(["request", "place"]);
  });
  await db.schema.createTable("recovery_notices", (table) => {
    table.increments("position");
    table.text("told").notNullable().index(); // identity
    table.text("what").notNullable();
    table.text("public_key").notNullable();
    table.text("request");
    table.text("by").notNullable(); // identity
    table.text("detail").notNullable();
    table.bigInteger("time_ms").notNullable();
  });
}

async function down(db: Knex): Promise<void> {
  const tables = ["recovery_notices", "released_shares", "recovery_requests", "kept_keys"];
  for (const table of tables) await db.schema.dropTable(table);
}

/** What lies beside the chain's records of key recovery: boxes and shares, each sealed to somebody else. */
export const recoveryTables: Migration = { name: "030-recovery", up, down };
