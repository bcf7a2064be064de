import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.raw("create index transactions_certificates on transactions (position) where kind = 6");
}

async function down(db: Knex): Promise<void> {
  await db.raw("drop index transactions_certificates");
}

/** An evidence bundle holds what the chain has recorded of the signer's certificates. */
export const certificateRecordIndex: Migration = { name: "031-certificate-records", up, down };
