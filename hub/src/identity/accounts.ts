import type { Knex } from "knex";

export interface Account {
  readonly name: string;
  readonly passwordHash: string;
  /** False while the password is the hub's one-time one. */
  readonly isChosen: boolean;
}

interface AccountStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}

/** People who may sign in. */
export class Accounts {
  readonly #store: AccountStore;

  constructor(store: AccountStore) {
    this.#store = store;
  }

  async find(name: string): Promise<Account | undefined> {
    const row: { name: string; password_hash: string; chosen: number } | undefined =
      await this.#store.read("accounts").where({ name }).first();
    return row && { name: row.name, passwordHash: row.password_hash, isChosen: row.chosen === 1 };
  }

  async save({ name, passwordHash, isChosen }: Account): Promise<void> {
    const row = { name, password_hash: passwordHash, chosen: isChosen ? 1 : 0 };
    await this.#store.transaction((db) => db("accounts").insert(row).onConflict("name").merge());
  }
}
