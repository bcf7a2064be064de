import type { Knex } from "knex";

/** The hub's database as the authority's tables use it. */
export interface CaStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}
