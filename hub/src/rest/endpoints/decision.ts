import type { Attributes, Subject } from "@gridledger/protocol/access/rules";
import { permissions } from "@gridledger/protocol/api/access";
import { Fault } from "@gridledger/protocol/faults";
import { type Account, type Accounts, subjectOf } from "../../identity/accounts.ts";
import { identitySubject, type SignInIdentity } from "../../identity/identity-subject.ts";
import type { AccessPolicy } from "../../identity/policy/access-policy.ts";
import type { Callers } from "../caller.ts";
import type { Endpoint } from "../endpoint.ts";
import { ruleView } from "../rule-view.ts";

interface Deps {
  readonly accounts: Pick<Accounts, "find">;
  readonly findIdentity: (id: string) => SignInIdentity | undefined;
  readonly policy: Pick<AccessPolicy, "decide">;
  readonly callers: Pick<Callers, "subjectHere">;
}

const noRule = { en: "No rule permits it.", zh: "没有规则允许此操作。" };
const disabled = { en: "The user is disabled.", zh: "该用户已停用。" };

/** "May X do Y?", answered as a request of X would be, with the rule that decides. */
export function decision(deps: Deps): Endpoint<"decision"> {
  return async ({ query: { user, permission, resource: text } }) => {
    const account = await deps.accounts.find(user);
    const subject = deps.callers.subjectHere(subjectNamed(deps, user, account));
    const resource = parseResource(text);
    // Nothing said of a resource that has attributes: for some of them at least.
    const isAny = text === "" && permissions[permission].length > 0;
    const decided = deps.policy.decide(subject, permission, isAny ? undefined : resource);
    const told = { user, roles: [...subject.roles], permission, resource };
    if (account?.isEnabled === false) {
      return { ...told, effect: "deny", rule: null, why: disabled };
    }
    const rule = decided.rule && ruleView(decided.rule);
    return { ...told, effect: decided.effect, rule, why: rule?.why ?? noRule };
  };
}

function subjectNamed({ findIdentity }: Deps, name: string, account?: Account): Subject {
  if (account !== undefined) return subjectOf(account);
  const identity = name.startsWith("key:") ? findIdentity(name.slice("key:".length)) : undefined;
  if (identity === undefined) throw new Fault("NOT_FOUND", "no user has this name");
  return identitySubject(identity);
}

/** `name=value,name=value`. @throws Fault REQUEST_INVALID */
function parseResource(text: string): Attributes {
  const pairs =
    text === "" ? [] : text.split(",").map((pair) => /^([a-z][\w.-]*)=(.+)$/.exec(pair));
  if (pairs.includes(null)) {
    throw new Fault("REQUEST_INVALID", "resource: write name=value,name=value");
  }
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}
