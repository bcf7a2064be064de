import type { Rule } from "@gridledger/protocol/access/rules";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { RuleVersion } from "../identity/policy/rule-versions.ts";

type RuleView = RouteAnswer<"setRules">["rules"][number];

export function ruleView({ roles, permissions, where, why, ...rule }: Rule): RuleView {
  return {
    ...rule,
    roles: [...roles],
    permissions: [...permissions],
    where: where.map(({ attribute, oneOf, sameAs }) => ({
      attribute,
      ...(oneOf && { oneOf: [...oneOf] }),
      ...(sameAs && { sameAs }),
    })),
    why: { ...why },
  };
}

export function versionView({ rules, ...version }: RuleVersion): RouteAnswer<"setRules"> {
  return { ...version, rules: rules.map(ruleView) };
}
