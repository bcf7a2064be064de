import type { Attributes, PolicyRole, Subject } from "@gridledger/protocol/access/rules";
import type { RestRole } from "@gridledger/protocol/api/access";
import { Fault } from "@gridledger/protocol/faults";
import type { Knex } from "knex";

/** A person signs in with a password, a program with a token. */
export type AccountKind = "person" | "program";

export interface Account {
  readonly name: string;
  readonly kind: AccountKind;
  /** "" for a program. */
  readonly passwordHash: string;
  /** False while the password is the hub's one-time one. */
  readonly isChosen: boolean;
  readonly isEnabled: boolean;
  readonly roles: readonly RestRole[];
  readonly attributes: Attributes;
  readonly createdMs: number;
  readonly lastSignInMs: number | null;
}

interface Row {
  readonly name: string;
  readonly kind: AccountKind;
  readonly password_hash: string;
  readonly chosen: number;
  readonly enabled: number;
  readonly roles: string;
  readonly attributes: string;
  readonly created_ms: number;
  readonly last_sign_in_ms: number | null;
}

interface AccountStore {
  readonly read: Knex;
}

/** Who may sign in: people and programs. */
export class Accounts {
  readonly #store: AccountStore;

  constructor(store: AccountStore) {
    this.#store = store;
  }

  /** @param db the transaction to read in; without one what is durable */
  async find(name: string, db: Knex = this.#store.read): Promise<Account | undefined> {
    const row: Row | undefined = await db("accounts").where({ name }).first();
    return row && openRow(row);
  }

  /** @throws Fault NOT_FOUND */
  async get(name: string, db?: Knex): Promise<Account> {
    const account = await this.find(name, db);
    if (account === undefined) throw new Fault("NOT_FOUND", "no user has this name");
    return account;
  }

  async all(db: Knex = this.#store.read): Promise<Account[]> {
    const rows: Row[] = await db("accounts").orderBy("name");
    return rows.map(openRow);
  }

  /** Ascending by name, after `cursor`. */
  async page(limit: number, cursor = ""): Promise<Account[]> {
    const found = this.#store.read("accounts").where("name", ">", cursor);
    const rows: Row[] = await found.orderBy("name").limit(limit);
    return rows.map(openRow);
  }

  async save(db: Knex, account: Account): Promise<void> {
    const row: Row = {
      name: account.name,
      kind: account.kind,
      password_hash: account.passwordHash,
      chosen: account.isChosen ? 1 : 0,
      enabled: account.isEnabled ? 1 : 0,
      roles: JSON.stringify(account.roles),
      attributes: JSON.stringify(account.attributes),
      created_ms: account.createdMs,
      last_sign_in_ms: account.lastSignInMs,
    };
    await db("accounts").insert(row).onConflict("name").merge();
  }
}

/** The account as the policy sees it. */
export function subjectOf({ name, roles, attributes }: Account): Subject {
  const held: readonly PolicyRole[] = ["member", ...roles];
  return { name, roles: held, attributes };
}

function openRow(row: Row): Account {
  return {
    name: row.name,
    kind: row.kind,
    passwordHash: row.password_hash,
    isChosen: row.chosen === 1,
    isEnabled: row.enabled === 1,
    roles: JSON.parse(row.roles) as RestRole[],
    attributes: JSON.parse(row.attributes) as Attributes,
    createdMs: Number(row.created_ms),
    lastSignInMs: row.last_sign_in_ms === null ? null : Number(row.last_sign_in_ms),
  };
}
