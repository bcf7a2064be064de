import type { Knex } from "knex";

/** What the tables of key recovery need of the hub's database. */
export interface RecoveryStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}
