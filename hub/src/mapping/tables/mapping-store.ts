import type { Knex } from "knex";

/** The hub's store as the mapping's tables take it. */
export interface MappingStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}
