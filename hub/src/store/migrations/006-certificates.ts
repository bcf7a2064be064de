import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("standings", (table) => {
    table.binary("id").primary();
    table.integer("revoked").notNullable();
    table.binary("fingerprint").notNullable();
    table.text("reason").notNullable();
    table.bigInteger("height").notNullable();
  });
  await db.schema.createTable("certificates", (table) => {
    table.increments("position");
    table.text("serial").notNullable().unique();
    table.text("authority").notNullable();
    table.text("purpose").notNullable(); // signing · encryption · server · client
    table.text("name").notNullable();
    table.text("role");
    table.text("identity"); // of the signing key on the chain
    table.binary("public_key").notNullable();
    table.bigInteger("not_before_ms").notNullable();
    table.bigInteger("not_after_ms").notNullable();
    table.binary("encoded").notNullable();
    table.text("issued_by").notNullable();
    table.text("replaced_by");
    table.bigInteger("revoked_ms");
    table.text("reason");
    table.text("revoked_by");
    table.integer("to_record").notNullable(); // 1 while the chain has not heard of it
    table.index(["identity"]);
    table.index(["not_after_ms"]);
  });
  await db.schema.createTable("enrolment_codes", (table) => {
    table.text("id").primary();
    table.binary("secret_hash").notNullable();
    table.text("authority").notNullable();
    table.text("name").notNullable();
    table.text("role").notNullable();
    table.text("attributes").notNullable();
    table.text("created_by").notNullable();
    table.bigInteger("created_ms").notNullable();
    table.bigInteger("expires_ms").notNullable();
    table.integer("attempts_left").notNullable();
    table.text("request");
  });
  await db.schema.createTable("certificate_requests", (table) => {
    table.text("id").primary();
    table.text("code").notNullable();
    table.text("authority").notNullable();
    table.text("name").notNullable();
    table.text("role").notNullable();
    table.text("attributes").notNullable();
    table.text("asked_by").notNullable();
    table.binary("signing").notNullable();
    table.binary("encryption");
    table.bigInteger("created_ms").notNullable();
    table.text("state").notNullable(); // pending · approved · rejected
    table.text("decided_by");
    table.bigInteger("decided_ms");
    table.text("detail");
    table.text("serials");
  });
  await db.schema.createTable("crls", (table) => {
    table.text("authority").primary();
    table.bigInteger("number").notNullable();
    table.bigInteger("this_update_ms").notNullable();
    table.bigInteger("next_update_ms").notNullable();
    table.binary("encoded").notNullable();
  });
}

async function down(db: Knex): Promise<void> {
  const tables = ["crls", "certificate_requests", "enrolment_codes", "certificates", "standings"];
  for (const table of tables) await db.schema.dropTable(table);
}

/**
 * `standings` is what the chain says of identities; the others are the authority's own: what it issued,
 * whom it invited, who asked, what it has revoked. Of codes only hashes stand here.
 */
export const certificateTables: Migration = { name: "006-certificates", up, down };
