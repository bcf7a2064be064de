import { defaultRules, guardRules } from "@gridledger/protocol/access/shipped-rules";
import { restRoles } from "@gridledger/protocol/api/access";
import type { AccessPolicy } from "../../identity/policy/access-policy.ts";
import type { Endpoint } from "../endpoint.ts";
import { ruleView } from "../rule-view.ts";

interface Deps {
  readonly policy: AccessPolicy;
}

export function access({ policy }: Deps): Endpoint<"access"> {
  return () => ({
    version: policy.version,
    rules: (["guard", "added", "default"] as const).flatMap((origin) => {
      const rules = { guard: guardRules, added: policy.added, default: defaultRules }[origin];
      return rules.map((rule) => ({ ...ruleView(rule), origin }));
    }),
    matrix: restRoles.map((role) => ({
      role,
      permissions: policy.permissionsOf({ name: "", roles: ["member", role], attributes: {} }),
    })),
  });
}
