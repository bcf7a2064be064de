import type { PasswordHasher } from "@gridledger/protocol/access/password-hasher";
import type { Attributes } from "@gridledger/protocol/access/rules";
import type { RestRole } from "@gridledger/protocol/api/access";
import { Fault } from "@gridledger/protocol/faults";
import type { Knex } from "knex";
import type { AuditLog } from "../logs/audit-log.ts";
import type { Account, AccountKind, Accounts } from "./accounts.ts";
import { oneTimePassword } from "./one-time-password.ts";
import type { AccessPolicy } from "./policy/access-policy.ts";
import { checkAdministrators } from "./policy/administrators.ts";
import type { Sessions } from "./sessions.ts";
import type { Tokens } from "./tokens.ts";
import { checkUnlike, checkUserName } from "./user-name.ts";

const programRoles: readonly RestRole[] = ["application", "device"];

interface UsersDeps {
  readonly store: { transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer> };
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly hasher: PasswordHasher;
  readonly policy: AccessPolicy;
  readonly audit: Pick<AuditLog, "append">;
  readonly now: () => number;
  /** Somebody's rights changed: what is open in their name has to be looked at again. */
  readonly onRightsChanged: () => void;
}

interface NewUser {
  readonly name: string;
  readonly kind: AccountKind;
  readonly roles: readonly RestRole[];
  readonly attributes: Attributes;
}

interface UserChange {
  readonly roles?: readonly RestRole[] | undefined;
  readonly attributes?: Attributes | undefined;
  readonly enabled?: boolean | undefined;
}

interface Added {
  readonly account: Account;
  /** Null for a program. */
  readonly oneTimePassword: string | null;
}

/** What administrators do with users. Whether they may is decided before, by the policy. */
export class Users {
  readonly #deps: UsersDeps;

  constructor(deps: UsersDeps) {
    this.#deps = deps;
  }

  /** @throws Fault USER_NAME, USER_EXISTS, USER_LOOKALIKE, USER_ROLES */
  async add(actor: string, { name, kind, roles, attributes }: NewUser): Promise<Added> {
    const { store, accounts, hasher, now } = this.#deps;
    checkUserName(name);
    const password = kind === "person" ? oneTimePassword() : null;
    const account: Account = {
      ...{ name, kind, attributes, isChosen: kind === "program", isEnabled: true },
      roles: checkedRoles(kind, roles),
      passwordHash: password === null ? "" : await hasher.hash(password),
      ...{ createdMs: now(), lastSignInMs: null },
    };
    await store.transaction(async (db) => {
      const all = await accounts.all(db);
      checkUnlike(
        name,
        all.map((other) => other.name),
      );
      await accounts.save(db, account);
      await this.#record(db, actor, "user.add", { after: account });
    });
    return { account, oneTimePassword: password };
  }

  /** Ends the user's sessions; disabling revokes their tokens. @throws Fault NOT_FOUND, USER_ROLES, LAST_ADMINISTRATOR */
  async change(actor: string, name: string, change: UserChange): Promise<Account> {
    const { store, accounts, sessions, tokens, policy } = this.#deps;
    const changed = await store.transaction(async (db) => {
      const before = await accounts.get(name, db);
      const after: Account = {
        ...before,
        roles: checkedRoles(before.kind, change.roles ?? before.roles),
        attributes: change.attributes ?? before.attributes,
        isEnabled: change.enabled ?? before.isEnabled,
      };
      await accounts.save(db, after);
      checkAdministrators(policy.rules, await accounts.all(db));
      await sessions.closeAll(db, name);
      if (!after.isEnabled) await tokens.revokeAll(db, name);
      await this.#record(db, actor, "user.change", { before, after });
      return after;
    });
    this.#deps.onRightsChanged();
    return changed;
  }

  /** @throws Fault NOT_FOUND, REQUEST_INVALID for a program */
  async resetPassword(actor: string, name: string): Promise<Added> {
    const { store, accounts, sessions, hasher } = this.#deps;
    const password = oneTimePassword();
    const passwordHash = await hasher.hash(password);
    const account = await store.transaction(async (db) => {
      const before = await accounts.get(name, db);
      if (before.kind === "program") {
        throw new Fault("REQUEST_INVALID", "a program has tokens and no password");
      }
      const after: Account = { ...before, passwordHash, isChosen: false };
      await accounts.save(db, after);
      await sessions.closeAll(db, name);
      await this.#record(db, actor, "user.reset-password", { after });
      return after;
    });
    this.#deps.onRightsChanged();
    return { account, oneTimePassword: password };
  }

  async #record(
    db: Knex,
    actor: string,
    action: string,
    { before, after }: { readonly before?: Account; readonly after: Account },
  ): Promise<void> {
    await this.#deps.audit.append(db, {
      ...{ category: "user", actor, action, target: after.name, result: "done" },
      before: before && shown(before),
      after: shown(after),
    });
  }
}

/** @throws Fault USER_ROLES */
function checkedRoles(kind: AccountKind, roles: readonly RestRole[]): RestRole[] {
  const isFit = kind === "person" || roles.every((role) => programRoles.includes(role));
  if (!isFit) throw new Fault("USER_ROLES");
  return [...new Set(roles)];
}

function shown({ kind, roles, attributes, isEnabled }: Account): object {
  return { kind, roles, attributes, enabled: isEnabled };
}
