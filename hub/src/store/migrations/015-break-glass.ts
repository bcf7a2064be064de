import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function up(db: Knex): Promise<void> {
  await db.raw("create index transactions_break_glass on transactions (position) where kind = 24");
}

async function down(db: Knex): Promise<void> {
  await db.raw("drop index transactions_break_glass");
}

/** Orders of organisations are run again at every start, and there is hardly ever one. */
export const breakGlassIndex: Migration = { name: "015-break-glass", up, down };
