import type { IncomingMessage } from "node:http";
import { decide, type Subject } from "@gridledger/protocol/access/rules";
import { defaultRules, guardRules, policyOf } from "@gridledger/protocol/access/shipped-rules";
import {
  type Permission,
  permissionNames,
  type RestRole,
  restRoles,
} from "@gridledger/protocol/api/access";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { RouteName } from "@gridledger/protocol/api/paths";
import { Fault } from "@gridledger/protocol/faults";

export type Session = RouteAnswer<"session">;

export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
}

const T0 = 1_780_000_000_000;
const token: RouteAnswer<"revokeToken">["token"] = {
  ...{ id: "AAAAAAAAAAAA", name: "settlement", permissions: ["ledger.read"] },
  ...{ createdMs: T0, expiresMs: T0 * 2, usedMs: null, revokedMs: null },
};
const users: RouteAnswer<"users">["items"] = [
  {
    ...{ name: "li.na", kind: "person", roles: ["auditor"], attributes: { region: "yangzhou" } },
    ...{ enabled: true, mustChangePassword: false, createdMs: T0, lastSignInMs: T0 },
  },
  {
    ...{ name: "wang.li", kind: "person", roles: ["operator", "administrator"], attributes: {} },
    ...{ enabled: true, mustChangePassword: true, createdMs: T0, lastSignInMs: null },
  },
];

function subjectOf(roles: readonly RestRole[]): Subject {
  return { name: "wang.li", roles: ["member", ...roles], attributes: {} };
}

/** The session of somebody with these roles, by the shipped rules. */
export function sessionOf(roles: RestRole[]): Session {
  const subject = subjectOf(roles);
  const permissions = permissionNames.filter(
    (permission) => decide(policyOf([]), { subject, permission }).effect === "permit",
  );
  return {
    ...{ signedIn: true, user: "wang.li", roles, permissions },
    ...{ mustChangePassword: false, csrfToken: "csrf-3" },
  };
}

/** What the hub says about users and rights; changes are answered and forgotten. */
export function fakeIdentity(
  { body, query, headers }: Call,
  session: Session,
): Partial<Record<RouteName, () => unknown>> {
  const changed = (answer: () => unknown) => () => {
    if (headers["x-csrf-token"] !== session.csrfToken) throw new Fault("CSRF_INVALID");
    return answer();
  };
  const open = { address: "127.0.0.1", createdMs: T0, seenMs: T0, expiresMs: T0 };
  return {
    users: () => ({ items: users, next: null }),
    addUser: changed(() => {
      if (body.name === "operat0r") throw new Fault("USER_LOOKALIKE");
      return { user: { ...users[0], ...body }, oneTimePassword: "Xk7mPq2RtY9wZc4VbN6a" };
    }),
    changeUser: changed(() => ({ user: users[0] })),
    resetPassword: changed(() => ({ user: users[0], oneTimePassword: "Nm3kPq2RtY9wZc4VbN6a" })),
    sessions: () => ({
      items: [
        { ...open, id: "AAAAAAAAAAAA", own: true },
        { ...open, id: "BBBBBBBBBBBB", own: false, address: "10.0.0.7" },
      ],
    }),
    endSession: changed(() => ({ items: [] })),
    tokens: () => ({ items: [token] }),
    addToken: changed(() => ({ token, secret: `glt_${"A".repeat(43)}` })),
    revokeToken: changed(() => ({ token })),
    access: () => ({
      version: 1,
      rules: [
        ...guardRules.map((rule) => ({ ...rule, origin: "guard" })),
        ...defaultRules.map((rule) => ({ ...rule, origin: "default" })),
      ],
      matrix: restRoles.map((role) => ({ role, permissions: sessionOf([role]).permissions })),
    }),
    accessHistory: () => ({ items: [] }),
    setRules: changed(() => {
      throw new Fault("RIGHTS_OWN");
    }),
    decision: () => {
      const permission = query.get("permission") as Permission;
      const question = { subject: subjectOf(["auditor"]), permission, resource: {} };
      const { effect, rule } = decide(policyOf([]), question);
      const why = rule?.why ?? { en: "No rule permits it.", zh: "没有规则允许此操作。" };
      return {
        effect,
        user: query.get("user"),
        roles: ["auditor"],
        permission,
        resource: {},
        rule,
        why,
      };
    },
    audit: () => ({
      items: [
        {
          ...{ sequence: 1, timeMs: T0, category: "user", actor: "wang.li", action: "user.add" },
          ...{ target: "li.na", result: "done", before: null, after: '{"roles":["auditor"]}' },
          ...{ detail: "", hash: "0".repeat(64) },
        },
      ],
      next: null,
    }),
    auditCheck: () => ({ events: 1, brokenAt: null, head: "0".repeat(64) }),
  };
}
