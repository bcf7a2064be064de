import type { Knex } from "knex";
import type { Migration } from "../migration.ts";

async function withKinds(db: Knex, kinds: string): Promise<void> {
  await db.raw("drop index transactions_contracts");
  await db.raw(
    `create index transactions_contracts on transactions (position) where kind in (${kinds})`,
  );
}

/** Raw Ethereum transactions, kind 12, have receipts too. */
export const ethereumIndex: Migration = {
  name: "026-ethereum",
  up: (db) => withKinds(db, "10, 11, 12"),
  down: (db) => withKinds(db, "10, 11"),
};
