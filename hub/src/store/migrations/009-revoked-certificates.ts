import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.schema.createTable("revoked_certificates", (table) => {
    table.binary("key").primary(); // revocationKey of protocol/pki
    table.bigInteger("height").notNullable();
  });
}

async function down(db: Knex): Promise<void> {
  await db.schema.dropTable("revoked_certificates");
}

/** Single certificates that the chain calls void: the TLS doors ask for each that is shown. */
export const revokedCertificateTable: Migration = { name: "009-revoked-certificates", up, down };
