import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.raw("create index transactions_evidence on transactions (position) where kind = 5");
}

async function down(db: Knex): Promise<void> {
  await db.raw("drop index transactions_evidence");
}

/** Evidence is asked for with every look at the nodes, and is rare among millions. */
export const evidenceIndex: Migration = { name: "010-evidence", up, down };
