import { permissions } from "../api/access.ts";
import { Fault } from "../faults.ts";
import { type AttributePath, asksResource, type Condition, type Rule } from "./rules.ts";

export const MAX_RULES = 200;
const SHIPPED_ID = /^(?:guard|default)\./;

/**
 * Rules that an administrator adds, before they count. Their shapes are the contract's; here is what a
 * shape cannot say. @throws Fault POLICY_INVALID
 */
export function checkRules(rules: readonly Rule[]): void {
  if (rules.length > MAX_RULES) throw invalid("", `there are at most ${MAX_RULES} rules`);
  const seen = new Set<string>();
  for (const rule of rules) {
    if (seen.has(rule.id)) throw invalid(rule.id, "the id stands twice");
    if (SHIPPED_ID.test(rule.id)) throw invalid(rule.id, "the id is of a shipped rule");
    seen.add(rule.id);
    checkStrangers(rule);
    for (const condition of rule.where) checkCondition(rule, condition);
  }
}

/** Strangers on this machine read the ledger; no rule makes users of them. */
function checkStrangers({ id, effect, roles, permissions: of }: Rule): void {
  const isForStrangers = effect === "permit" && roles.includes("local");
  const isReading = of.every((one) => one === "ledger.read" || one === "submission.read");
  if (isForStrangers && !isReading) {
    throw invalid(id, "who has not signed in can be permitted to read the ledger and no more");
  }
}

function checkCondition(rule: Rule, condition: Condition): void {
  const { oneOf, sameAs } = condition;
  if ((oneOf === undefined) === (sameAs === undefined)) {
    throw invalid(rule.id, "a condition has either oneOf or sameAs");
  }
  if (!asksResource(condition)) return;
  for (const path of [condition.attribute, sameAs]) checkTold(rule, path);
}

/** A condition on what no route tells would never hold, which is silent in a deny. */
function checkTold({ id, permissions: of }: Rule, path: AttributePath | undefined): void {
  if (!path?.startsWith("resource.")) return;
  const name = path.slice("resource.".length);
  for (const permission of of) {
    const told: readonly string[] = permissions[permission];
    if (told.includes(name)) continue;
    const have = told.length === 0 ? "nothing" : told.map((one) => `resource.${one}`).join(", ");
    throw invalid(id, `${permission} tells ${have} of its resource, not ${path}`);
  }
}

function invalid(id: string, detail: string): Fault {
  return new Fault("POLICY_INVALID", id === "" ? detail : `rule ${id}: ${detail}`);
}
