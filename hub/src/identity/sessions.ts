import { createHash, randomBytes } from "node:crypto";
import type { Knex } from "knex";

const TOKEN_BYTES = 32;
const ID_CHARACTERS = 12;
/** At most this long, used or not. */
export const SESSION_MS = 43_200_000; // 12 h
/** A console that asked nothing for so long is signed out. */
const IDLE_MS = 3_600_000;
/** For a program that signed in with its key: it signs in again. */
const KEY_SESSION_MS = 900_000;
/** What was seen is written down no more often. */
const SEEN_STEP_MS = 60_000;
const MAX_SESSIONS = 1_000;

/** How a session began: at the console with a password, or by a program's key. */
export type SessionKind = "console" | "key";

export interface Session {
  readonly id: string;
  readonly account: string;
  readonly kind: SessionKind;
  readonly createdMs: number;
  readonly seenMs: number;
  readonly expiresMs: number;
  readonly address: string;
}

interface Row {
  readonly token_hash: Buffer;
  readonly id: string;
  readonly account: string;
  readonly kind: SessionKind;
  readonly created_ms: number;
  readonly seen_ms: number;
  readonly expires_ms: number;
  readonly address: string;
}

interface SessionStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}

/** Sessions by the hash of their token: who reads the database cannot sign in with it. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #now: () => number;

  constructor(store: SessionStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** The token of a new session. */
  async open(account: string, kind: SessionKind, address: string): Promise<string> {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const now = this.#now();
    const row: Row = {
      token_hash: tokenHash(token),
      id: sessionIdOf(token),
      ...{ account, kind, address },
      ...{ created_ms: now, seen_ms: now },
      expires_ms: now + (kind === "key" ? KEY_SESSION_MS : SESSION_MS),
    };
    await this.#store.transaction(async (db) => {
      await db("sessions").where("expires_ms", "<=", now).orWhere(this.#idle()).delete();
      const kept = db("sessions").select("token_hash").orderBy("expires_ms", "desc");
      await db("sessions")
        .whereNotIn("token_hash", kept.limit(MAX_SESSIONS - 1))
        .delete();
      await db("sessions").insert(row);
    });
    return token;
  }

  /** The live session of the token; it counts as used. */
  async find(token: string): Promise<Session | undefined> {
    const row: Row | undefined = await this.#live(this.#store.read)
      .where({ token_hash: tokenHash(token) })
      .first();
    if (row === undefined) return undefined;
    if (this.#now() - Number(row.seen_ms) >= SEEN_STEP_MS) await this.#see(row.id);
    return openRow(row);
  }

  /** Newest first. */
  async of(account: string): Promise<Session[]> {
    const rows: Row[] = await this.#live(this.#store.read)
      .where({ account })
      .orderBy("created_ms", "desc");
    return rows.map(openRow);
  }

  async close(token: string): Promise<void> {
    await this.#store.transaction((db) =>
      db("sessions")
        .where({ token_hash: tokenHash(token) })
        .delete(),
    );
  }

  /** @returns false when the account has no such session */
  async closeOne(account: string, id: string): Promise<boolean> {
    const closed = await this.#store.transaction((db) =>
      db("sessions").where({ account, id }).delete(),
    );
    return closed > 0;
  }

  /** Within the transaction that is the reason. */
  async closeAll(db: Knex, account: string): Promise<void> {
    await db("sessions").where({ account }).delete();
  }

  #live(db: Knex) {
    return db("sessions").where("expires_ms", ">", this.#now()).whereNot(this.#idle());
  }

  #idle() {
    const beforeMs = this.#now() - IDLE_MS;
    return (query: Knex.QueryBuilder) =>
      query.where({ kind: "console" }).where("seen_ms", "<=", beforeMs);
  }

  async #see(id: string): Promise<void> {
    await this.#store.transaction((db) =>
      db("sessions").where({ id }).update({ seen_ms: this.#now() }),
    );
  }
}

/** Follows from the token, so that nothing more is kept, and says nothing about it. */
export function csrfTokenOf(token: string): string {
  return createHash("sha256").update(`csrf ${token}`).digest("base64url");
}

/** Names a session to its owner; what is shown opens nothing. */
export function sessionIdOf(token: string): string {
  const digest = createHash("sha256").update(`id ${token}`).digest("base64url");
  return digest.slice(0, ID_CHARACTERS);
}

export function tokenHash(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function openRow(row: Row): Session {
  return {
    ...{ id: row.id, account: row.account, kind: row.kind, address: row.address },
    createdMs: Number(row.created_ms),
    seenMs: Number(row.seen_ms),
    expiresMs: Number(row.expires_ms),
  };
}
