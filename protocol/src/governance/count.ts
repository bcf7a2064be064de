import { equalBytes } from "../hex.ts";
import { leavingKeyOf } from "./actions/membership.ts";
import { type Action, ruleOf } from "./actions/table.ts";
import type { OpenProposal } from "./ballot-tables.ts";
import type { InForce } from "./in-force.ts";
import { type GovernancePolicy, votesNeeded } from "./policy.ts";

/**
 * The policies that an action must satisfy. A new policy is also asked itself: nobody makes a rule
 * that the validators of the day could not meet, and a weaker one needs the votes of the stronger.
 */
export function policiesOf(
  { policies }: Pick<InForce, "policies">,
  action: Action,
): readonly GovernancePolicy[] {
  if (action.type === "policy") return [policies[action.family], action.policy];
  return [policies[ruleOf(action).family]];
}

/** Approvals that execute the action among n validators. */
export function approvalsNeeded(
  inForce: Pick<InForce, "policies">,
  action: Action,
  n: number,
): number {
  const isRemoval = action.type === "remove";
  return Math.max(
    ...policiesOf(inForce, action).map((policy) => votesNeeded(policy, n, isRemoval)),
  );
}

/** The approvals that count: each validator of today once, and not the one to be removed unanimously. */
export function countApprovals(
  inForce: Pick<InForce, "membership" | "policies">,
  { proposal, approvals }: Pick<OpenProposal, "proposal" | "approvals">,
): { readonly given: number; readonly needed: number } {
  const { action } = proposal;
  const { validators } = inForce.membership;
  const isUnanimous = policiesOf(inForce, action).includes("unanimous");
  const spared = isUnanimous && action.type === "remove" ? leavingKeyOf(action) : undefined;
  const isAsked = (key: Uint8Array) => spared === undefined || !equalBytes(key, spared);
  const given = validators.filter(
    ({ publicKey }) =>
      isAsked(publicKey) && approvals.some((voter) => equalBytes(voter, publicKey)),
  ).length;
  return { given, needed: approvalsNeeded(inForce, action, validators.length) };
}
