import { randomBytes } from "node:crypto";
import type { Permission } from "@gridledger/protocol/api/access";
import { Fault } from "@gridledger/protocol/faults";
import type { Knex } from "knex";
import type { AuditLog } from "../logs/audit-log.ts";
import { tokenHash } from "./sessions.ts";

/** So that a leaked one is known for what it is, by people and by scanners. */
export const TOKEN_PREFIX = "glt_";
const TOKEN_BYTES = 32;
/** In hexadecimal: an id is an argument of commands and must not begin with a hyphen. */
const ID_BYTES = 6;
const DAY_MS = 86_400_000;
/** The old one and the new one, while it is rolled out. */
const MAX_LIVE_OF_A_NAME = 2;
const MAX_LIVE_OF_A_USER = 40;
/** The use is written down no more often. */
const USED_STEP_MS = 60_000;

/** A token as it may be shown. */
export interface ApiToken {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly usedMs: number | null;
  readonly revokedMs: number | null;
}

interface Row {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly token_hash: Buffer;
  readonly permissions: string;
  readonly created_ms: number;
  readonly expires_ms: number;
  readonly used_ms: number | null;
  readonly revoked_ms: number | null;
}

interface TokensDeps {
  readonly store: {
    readonly read: Knex;
    transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
  };
  readonly audit: Pick<AuditLog, "append">;
  readonly now: () => number;
}

interface NewToken {
  readonly account: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly days: number;
}

/** API tokens of programs and people, by hash: who reads the database cannot use them. */
export class Tokens {
  readonly #deps: TokensDeps;

  constructor(deps: TokensDeps) {
    this.#deps = deps;
  }

  /** The secret is told once and kept nowhere. @throws Fault TOKEN_LIMIT */
  async add(actor: string, wanted: NewToken): Promise<{ token: ApiToken; secret: string }> {
    const { store, audit, now } = this.#deps;
    const { account, name, permissions } = wanted;
    const secret = TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString("base64url");
    const row: Row = {
      ...{ id: randomBytes(ID_BYTES).toString("hex"), account, name },
      token_hash: tokenHash(secret),
      permissions: JSON.stringify(permissions),
      ...{ created_ms: now(), expires_ms: now() + wanted.days * DAY_MS },
      ...{ used_ms: null, revoked_ms: null },
    };
    const token = openRow(row);
    await store.transaction(async (db) => {
      await this.#checkRoom(db, account, name);
      await db("api_tokens").insert(row);
      const event = { category: "user", actor, action: "token.add", target: account } as const;
      await audit.append(db, { ...event, result: "done", after: shown(token) });
    });
    return { token, secret };
  }

  /** The live token of the secret; it counts as used. */
  async use(secret: string): Promise<ApiToken | undefined> {
    const { store, now } = this.#deps;
    const row: Row | undefined = await this.#live(store.read)
      .where({ token_hash: tokenHash(secret) })
      .first();
    if (row === undefined) return undefined;
    if (now() - Number(row.used_ms ?? 0) >= USED_STEP_MS) {
      await store.transaction((db) =>
        db("api_tokens").where({ id: row.id }).update({ used_ms: now() }),
      );
    }
    return openRow(row);
  }

  async find(id: string): Promise<ApiToken | undefined> {
    const row: Row | undefined = await this.#deps.store.read("api_tokens").where({ id }).first();
    return row && openRow(row);
  }

  /** Newest first, with those that are over. */
  async of(account: string): Promise<ApiToken[]> {
    const found = this.#deps.store.read("api_tokens").where({ account });
    const rows: Row[] = await found.orderBy("created_ms", "desc").limit(MAX_LIVE_OF_A_USER * 2);
    return rows.map(openRow);
  }

  async revoke(actor: string, token: ApiToken): Promise<ApiToken> {
    if (token.revokedMs !== null) return token;
    const { store, audit, now } = this.#deps;
    const revoked = { ...token, revokedMs: now() };
    await store.transaction(async (db) => {
      await db("api_tokens").where({ id: token.id }).update({ revoked_ms: revoked.revokedMs });
      const event = { category: "user", actor, action: "token.revoke" } as const;
      const target = token.account;
      await audit.append(db, { ...event, target, result: "done", before: shown(token) });
    });
    return revoked;
  }

  /** Within the transaction that is the reason. */
  async revokeAll(db: Knex, account: string): Promise<void> {
    const live = db("api_tokens").where({ account, revoked_ms: null });
    await live.update({ revoked_ms: this.#deps.now() });
  }

  async #checkRoom(db: Knex, account: string, name: string): Promise<void> {
    const live: Row[] = await this.#live(db).where({ account });
    const ofName = live.filter((one) => one.name === name).length;
    if (ofName >= MAX_LIVE_OF_A_NAME) {
      throw new Fault("TOKEN_LIMIT", `two tokens "${name}" are live, the old and the new one`);
    }
    if (live.length >= MAX_LIVE_OF_A_USER) throw new Fault("TOKEN_LIMIT");
  }

  #live(db: Knex) {
    return db("api_tokens").where("expires_ms", ">", this.#deps.now()).whereNull("revoked_ms");
  }
}

function shown({ id, name, permissions, expiresMs }: ApiToken): object {
  return { id, name, permissions, expiresMs };
}

function openRow(row: Row): ApiToken {
  const orNull = (value: number | null) => (value === null ? null : Number(value));
  return {
    ...{ id: row.id, account: row.account, name: row.name },
    permissions: JSON.parse(row.permissions) as Permission[],
    createdMs: Number(row.created_ms),
    expiresMs: Number(row.expires_ms),
    usedMs: orNull(row.used_ms),
    revokedMs: orNull(row.revoked_ms),
  };
}
