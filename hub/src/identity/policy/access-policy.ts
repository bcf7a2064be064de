import { checkRules } from "@gridledger/protocol/access/check-rules";
import { raisesOwnRights } from "@gridledger/protocol/access/own-rights";
import {
  type Attributes,
  type Decision,
  decide,
  type Rule,
  type Subject,
} from "@gridledger/protocol/access/rules";
import { policyOf } from "@gridledger/protocol/access/shipped-rules";
import { type Permission, permissionNames } from "@gridledger/protocol/api/access";
import { Fault } from "@gridledger/protocol/faults";
import type { AuditLog } from "../../logs/audit-log.ts";
import type { Accounts } from "../accounts.ts";
import { checkAdministrators } from "./administrators.ts";
import { type RuleVersion, RuleVersions } from "./rule-versions.ts";

interface PolicyDeps {
  readonly store: ConstructorParameters<typeof RuleVersions>[0];
  readonly accounts: Pick<Accounts, "all">;
  readonly audit: Pick<AuditLog, "append">;
  readonly now: () => number;
  /** Somebody's rights may have changed. */
  readonly onRightsChanged: () => void;
}

interface RuleChange {
  /** The version it was made from; 0 while there is none. */
  readonly version: number;
  readonly note: string;
  readonly rules: readonly Rule[];
}

/** The rules in force, and what they say (guide §6.3.3). */
export class AccessPolicy {
  readonly #deps: PolicyDeps;
  readonly #versions: RuleVersions;
  #added: readonly Rule[] = [];
  #version = 0;
  #rules: readonly Rule[] = policyOf([]);

  constructor(deps: PolicyDeps) {
    this.#deps = deps;
    this.#versions = new RuleVersions(deps.store);
  }

  async start(): Promise<void> {
    const latest = await this.#versions.latest();
    if (latest !== undefined) this.#use(latest);
  }

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  get added(): readonly Rule[] {
    return this.#added;
  }

  get version(): number {
    return this.#version;
  }

  /** @param resource undefined: for any resource at all */
  decide(subject: Subject, permission: Permission, resource?: Attributes): Decision {
    return decide(this.#rules, { subject, permission, resource });
  }

  /** What the subject may do for some resource at least. */
  permissionsOf(subject: Subject): Permission[] {
    return permissionNames.filter(
      (permission) => this.decide(subject, permission).effect === "permit",
    );
  }

  history(): Promise<RuleVersion[]> {
    return this.#versions.all();
  }

  /** @throws Fault POLICY_INVALID, POLICY_CHANGED, RIGHTS_OWN, LAST_ADMINISTRATOR */
  async change(actor: Subject, { version, note, rules }: RuleChange): Promise<RuleVersion> {
    const { store, accounts, audit, now } = this.#deps;
    checkRules(rules);
    const next: RuleVersion = {
      ...{ version: version + 1, timeMs: now(), actor: actor.name },
      ...{ note, rules },
    };
    await store.transaction(async (db) => {
      const latest = await this.#versions.latest(db);
      if (version !== (latest?.version ?? 0)) throw new Fault("POLICY_CHANGED");
      const before = latest?.rules ?? [];
      if (raisesOwnRights(actor, before, rules)) throw new Fault("RIGHTS_OWN");
      checkAdministrators(policyOf(rules), await accounts.all(db));
      await this.#versions.add(db, next);
      await audit.append(db, {
        ...{ category: "user", actor: actor.name, action: "access.change", target: "rules" },
        ...{ result: "done", detail: note, before, after: rules },
      });
    });
    if (next.version > this.#version) this.#use(next);
    this.#deps.onRightsChanged();
    return next;
  }

  #use({ version, rules }: RuleVersion): void {
    this.#version = version;
    this.#added = rules;
    this.#rules = policyOf(rules);
  }
}
