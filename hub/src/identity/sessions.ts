import { createHash, randomBytes } from "node:crypto";
import type { Knex } from "knex";

const TOKEN_BYTES = 32;
export const SESSION_MS = 43_200_000; // 12 h
const MAX_SESSIONS = 100;

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
  async open(account: string): Promise<string> {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const row = { token_hash: hashOf(token), account, expires_ms: this.#now() + SESSION_MS };
    await this.#store.transaction(async (db) => {
      await db("sessions").where("expires_ms", "<", this.#now()).delete();
      const kept = db("sessions").select("token_hash").orderBy("expires_ms", "desc");
      await db("sessions")
        .whereNotIn("token_hash", kept.limit(MAX_SESSIONS - 1))
        .delete();
      await db("sessions").insert(row);
    });
    return token;
  }

  async accountOf(token: string): Promise<string | undefined> {
    const row: { account: string } | undefined = await this.#store
      .read("sessions")
      .where({ token_hash: hashOf(token) })
      .where("expires_ms", ">", this.#now())
      .first("account");
    return row?.account;
  }

  async close(token: string): Promise<void> {
    await this.#store.transaction((db) =>
      db("sessions")
        .where({ token_hash: hashOf(token) })
        .delete(),
    );
  }

  async closeAll(account: string): Promise<void> {
    await this.#store.transaction((db) => db("sessions").where({ account }).delete());
  }
}

/** Follows from the token, so that nothing more is kept, and says nothing about it. */
export function csrfTokenOf(token: string): string {
  return createHash("sha256").update(`csrf ${token}`).digest("base64url");
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
