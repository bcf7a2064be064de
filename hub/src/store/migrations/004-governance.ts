import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.raw(
    "create index transactions_governance on transactions (position) where kind in (3, 4)",
  );
}

async function down(db: Knex): Promise<void> {
  await db.raw("drop index transactions_governance");
}

/** Proposals and approvals are run again at every start, and are few among millions. */
export const governanceIndex: Migration = { name: "004-governance", up, down };
