import { randomInt } from "node:crypto";
import { Fault } from "@gridledger/protocol/faults";
import type { Accounts } from "./accounts.ts";
import { LoginGuard } from "./login-guard.ts";
import type { PasswordHasher } from "./password-hash.ts";
import { checkPassword } from "./password-rules.ts";
import { csrfTokenOf, type Sessions } from "./sessions.ts";

export const OPERATOR = "operator";
/** Without those that look alike. 20 of 54: 115 bits. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const ONE_TIME_CHARACTERS = 20;

/** Who a session belongs to. */
export interface SignedIn {
  readonly user: string;
  readonly token: string;
  readonly csrfToken: string;
  readonly mustChangePassword: boolean;
}

interface LoginDeps {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly hasher: PasswordHasher;
  readonly now: () => number;
}

/** The operator's door: one-time password, sign-in with lockout, sessions, change of password. */
export class Login {
  readonly #deps: LoginDeps;
  readonly #byAddress: LoginGuard;
  /** More patient than the address: a stranger must not be able to lock the operator out for long. */
  readonly #byAccount: LoginGuard;
  #decoyHash = "";

  constructor(deps: LoginDeps) {
    this.#deps = deps;
    this.#byAddress = new LoginGuard(deps.now, { freeFailures: 5, maxLockMs: 900_000 });
    this.#byAccount = new LoginGuard(deps.now, { freeFailures: 10, maxLockMs: 60_000 });
  }

  /** A fresh one-time password while nobody has chosen one; it is told once and kept nowhere. */
  async start(): Promise<string | undefined> {
    const { accounts, hasher, sessions } = this.#deps;
    this.#decoyHash = await hasher.hash(oneTimePassword());
    const operator = await accounts.find(OPERATOR);
    if (operator?.isChosen === true) return undefined;
    const password = oneTimePassword();
    const passwordHash = await hasher.hash(password);
    await accounts.save({ name: OPERATOR, passwordHash, isChosen: false });
    await sessions.closeAll(OPERATOR);
    return password;
  }

  /** @throws Fault LOGIN_FAILED, LOGIN_LOCKED, RATE_LIMITED */
  async signIn(user: string, password: string, address: string): Promise<SignedIn> {
    const { accounts, hasher, sessions } = this.#deps;
    this.#byAddress.check(address);
    this.#byAccount.check(user);
    const account = await accounts.find(user);
    // A name that is not there takes as long as one that is.
    const isRight = await hasher.verify(account?.passwordHash ?? this.#decoyHash, password);
    if (account === undefined || !isRight) {
      this.#byAddress.failed(address);
      this.#byAccount.failed(user);
      throw new Fault("LOGIN_FAILED");
    }
    this.#byAddress.succeeded(address);
    this.#byAccount.succeeded(user);
    return signedIn(await sessions.open(user), user, account.isChosen);
  }

  async find(token: string): Promise<SignedIn | undefined> {
    const user = await this.#deps.sessions.accountOf(token);
    if (user === undefined) return undefined;
    const account = await this.#deps.accounts.find(user);
    return account && signedIn(token, user, account.isChosen);
  }

  signOut(token: string): Promise<void> {
    return this.#deps.sessions.close(token);
  }

  /** Ends every other session. @throws Fault LOGIN_FAILED, LOGIN_LOCKED, PASSWORD_WEAK */
  async changePassword(user: string, current: string, next: string): Promise<SignedIn> {
    const { accounts, hasher, sessions } = this.#deps;
    this.#byAccount.check(user);
    const account = await accounts.find(user);
    if (account === undefined || !(await hasher.verify(account.passwordHash, current))) {
      this.#byAccount.failed(user);
      throw new Fault("LOGIN_FAILED", "the current password is wrong");
    }
    checkPassword(user, next);
    if (next === current) throw new Fault("PASSWORD_WEAK", "choose another one than the current");
    await accounts.save({ name: user, passwordHash: await hasher.hash(next), isChosen: true });
    await sessions.closeAll(user);
    return signedIn(await sessions.open(user), user, true);
  }
}

function signedIn(token: string, user: string, isChosen: boolean): SignedIn {
  return { user, token, csrfToken: csrfTokenOf(token), mustChangePassword: !isChosen };
}

function oneTimePassword(): string {
  return Array.from(
    { length: ONE_TIME_CHARACTERS },
    () => ALPHABET[randomInt(ALPHABET.length)],
  ).join("");
}
