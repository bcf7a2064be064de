import { asksResource, holds, type Rule, type Subject } from "./rules.ts";

/**
 * Whether a change of the added rules could give its author more than they had. It is told by the rules
 * that speak of the author, not by trying permissions one by one: a permit that is new, a deny that is
 * gone, or another order of them. So it says yes too often rather than too seldom.
 */
export function raisesOwnRights(
  subject: Subject,
  before: readonly Rule[],
  after: readonly Rule[],
): boolean {
  const had = before.filter((rule) => speaksOf(rule, subject)).map(keyOf);
  const gets = after.filter((rule) => speaksOf(rule, subject));
  const kept = gets.filter((rule) => had.includes(keyOf(rule)));
  const isNewPermit = gets.some((rule) => rule.effect === "permit" && !had.includes(keyOf(rule)));
  const keptKeys = kept.map(keyOf);
  const isDenyGone = before.some(
    (rule) => rule.effect === "deny" && speaksOf(rule, subject) && !keptKeys.includes(keyOf(rule)),
  );
  const order = had.filter((key) => keptKeys.includes(key));
  return isNewPermit || isDenyGone || order.join() !== keptKeys.join();
}

function speaksOf({ roles, where }: Rule, subject: Subject): boolean {
  if (!roles.some((role) => subject.roles.includes(role))) return false;
  return where.every((condition) => asksResource(condition) || holds(condition, subject, {}));
}

/** What a rule says; its id and its reason decide nothing. */
function keyOf({ effect, roles, permissions, where }: Rule): string {
  const conditions = where.map(({ attribute, oneOf, sameAs }) => [attribute, oneOf, sameAs]);
  return JSON.stringify([effect, roles, permissions, conditions]);
}
