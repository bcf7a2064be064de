import type { Knex } from "knex";

/** One step of the tables; `name` is what the database remembers of it. */
export interface Migration extends Knex.Migration {
  readonly name: string;
}
