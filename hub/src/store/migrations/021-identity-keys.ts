import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.alterTable("identities", (table) => {
    table.integer("suite"); // of the first key; null: the channel's
  });
  await db.schema.createTable("identity_keys", (table) => {
    table.binary("id").notNullable();
    table.bigInteger("epoch").notNullable();
    table.integer("suite").notNullable();
    table.binary("public_key").notNullable();
    table.bigInteger("from_height").notNullable();
    table.bigInteger("position").notNullable(); // of the rotation
    table.primary(["id", "epoch"]);
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("identity_keys");
  await db.schema.alterTable("identities", (table) => {
    table.dropColumn("suite");
  });
}

/** Keys that rotations brought; the first one stands with its identity. */
export const identityKeyTables: Migration = { name: "021-identity-keys", up, down };
