import { LoginGuard } from "@gridledger/protocol/access/login-guard";
import type { PasswordHasher } from "@gridledger/protocol/access/password-hasher";
import { checkPassword } from "@gridledger/protocol/access/password-rules";
import type { Subject } from "@gridledger/protocol/access/rules";
import { Fault } from "@gridledger/protocol/faults";
import type { Knex } from "knex";
import type { AuditLog } from "../logs/audit-log.ts";
import { type Account, type Accounts, subjectOf } from "./accounts.ts";
import { oneTimePassword } from "./one-time-password.ts";
import { csrfTokenOf, type Sessions } from "./sessions.ts";

/** The first account of a fresh hub: it runs the network and manages the other users. */
export const OPERATOR = "operator";

/** Who a session belongs to. */
export interface SignedIn {
  readonly user: string;
  readonly token: string;
  readonly csrfToken: string;
  readonly mustChangePassword: boolean;
  readonly subject: Subject;
}

interface LoginDeps {
  readonly store: { transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer> };
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly hasher: PasswordHasher;
  readonly audit: Pick<AuditLog, "append" | "record">;
  readonly now: () => number;
}

/** The console's door: one-time password, sign-in with lockout, sessions, change of password. */
export class Login {
  readonly #deps: LoginDeps;
  readonly #byAddress: LoginGuard;
  /** More patient than the address: a stranger must not be able to lock a user out for long. */
  readonly #byAccount: LoginGuard;
  #decoyHash = "";

  constructor(deps: LoginDeps) {
    this.#deps = deps;
    this.#byAddress = new LoginGuard(deps.now, { freeFailures: 5, maxLockMs: 900_000 });
    this.#byAccount = new LoginGuard(deps.now, { freeFailures: 10, maxLockMs: 60_000 });
  }

  /** A fresh one-time password while nobody has chosen one; it is told once and kept nowhere. */
  async start(): Promise<string | undefined> {
    const { accounts, hasher, now, sessions, store } = this.#deps;
    this.#decoyHash = await hasher.hash(oneTimePassword());
    const operator = await accounts.find(OPERATOR);
    if (operator?.isChosen === true || operator?.isEnabled === false) return undefined;
    const password = oneTimePassword();
    const passwordHash = await hasher.hash(password);
    const first = operator ?? firstAccount(now());
    await store.transaction(async (db) => {
      await accounts.save(db, { ...first, passwordHash, isChosen: false });
      await sessions.closeAll(db, OPERATOR);
    });
    return password;
  }

  /** @throws Fault LOGIN_FAILED, LOGIN_LOCKED, RATE_LIMITED */
  async signIn(given: string, password: string, address: string): Promise<SignedIn> {
    const { accounts, hasher, now, sessions, store } = this.#deps;
    // Full-width letters of an input method mean the plain ones.
    const user = given.normalize("NFKC");
    this.#byAddress.check(address);
    this.#byAccount.check(user);
    const account = await accounts.find(user);
    const hash = account?.passwordHash || this.#decoyHash;
    // A name that is not there, or is no person's, takes as long as one that is.
    const isRight = await hasher.verify(hash, password);
    if (!(account?.isEnabled && account.kind === "person" && isRight)) {
      this.#byAddress.failed(address);
      this.#byAccount.failed(user);
      await this.#recordFailure(account, address);
      throw new Fault("LOGIN_FAILED");
    }
    this.#byAddress.succeeded(address);
    this.#byAccount.succeeded(user);
    const lastSignInMs = now();
    await store.transaction(async (db) => {
      await db("accounts").where({ name: user }).update({ last_sign_in_ms: lastSignInMs });
      await this.#deps.audit.append(db, { ...signInEvent(account, address), result: "done" });
    });
    return signedIn(await sessions.open(user, "console", address), account);
  }

  async find(token: string): Promise<SignedIn | undefined> {
    const session = await this.#deps.sessions.find(token);
    if (session?.kind !== "console") return undefined;
    const account = await this.#deps.accounts.find(session.account);
    return account?.isEnabled ? signedIn(token, account) : undefined;
  }

  signOut(token: string): Promise<void> {
    return this.#deps.sessions.close(token);
  }

  /** Ends every other session. @throws Fault LOGIN_FAILED, LOGIN_LOCKED, PASSWORD_WEAK */
  async changePassword(
    user: string,
    change: { readonly current: string; readonly next: string },
    address: string,
  ): Promise<SignedIn> {
    const { accounts, hasher, sessions, store } = this.#deps;
    const { current, next } = change;
    this.#byAccount.check(user);
    const account = await accounts.find(user);
    if (account === undefined || !(await hasher.verify(account.passwordHash, current))) {
      this.#byAccount.failed(user);
      throw new Fault("LOGIN_FAILED", "the current password is wrong");
    }
    checkPassword(user, next);
    if (next === current) throw new Fault("PASSWORD_WEAK", "choose another one than the current");
    const passwordHash = await hasher.hash(next);
    const changed = await store.transaction(async (db) => {
      // What an administrator changed meanwhile stays.
      const latest = { ...(await accounts.get(user, db)), passwordHash, isChosen: true };
      await accounts.save(db, latest);
      await sessions.closeAll(db, user);
      const event = { category: "user", actor: user, action: "password.change" } as const;
      await this.#deps.audit.append(db, { ...event, target: user, result: "done" });
      return latest;
    });
    return signedIn(await sessions.open(user, "console", address), changed);
  }

  /** What was typed as a name may be a password: a name that is nobody's is not written down. */
  #recordFailure(account: Account | undefined, address: string): Promise<void> {
    const event = signInEvent(account, address);
    return this.#deps.audit.record({ ...event, result: "refused" });
  }
}

/** Guide §4.5.1 c) and, for those who supervise, f). */
function signInEvent(account: Account | undefined, address: string) {
  const category = account?.roles.includes("supervisor") ? "supervision" : "user";
  const name = account?.name ?? "(unknown)";
  return {
    ...({ category, actor: name, action: "session.open", target: name } as const),
    detail: `from ${address}`,
  };
}

function signedIn(token: string, account: Account): SignedIn {
  return {
    ...{ user: account.name, token, csrfToken: csrfTokenOf(token) },
    mustChangePassword: !account.isChosen,
    subject: subjectOf(account),
  };
}

function firstAccount(createdMs: number): Account {
  return {
    ...{ name: OPERATOR, kind: "person", passwordHash: "", isChosen: false, isEnabled: true },
    ...{ roles: ["operator", "administrator"], attributes: {}, createdMs, lastSignInMs: null },
  };
}
