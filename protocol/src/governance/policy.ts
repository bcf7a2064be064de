import { Fault } from "../faults.ts";
import type { MembershipOperation } from "./proposal.ts";

/** How many validators must agree, by name. Numbers on the wire, never reused. */
const policies = { majority: 1, "two-thirds": 2, unanimous: 3 } as const;

export type GovernancePolicy = keyof typeof policies;

/**
 * What a genesis without the field means. A majority is below the consensus bound, so f liars and a
 * minority of the honest could pass a change; unanimity freezes governance when one gateway is dead.
 */
export const DEFAULT_POLICY: GovernancePolicy = "two-thirds";

export const policyNumber = (policy: GovernancePolicy): number => policies[policy];

/** @throws Fault GENESIS_INVALID for an unknown number */
export function policyName(number: number): GovernancePolicy {
  for (const [name, known] of Object.entries(policies)) {
    if (known === number) return name as GovernancePolicy;
  }
  throw new Fault("GENESIS_INVALID", `unknown governance policy ${number}`);
}

/** Approvals that execute a change among n validators. */
export function votesNeeded(
  policy: GovernancePolicy,
  n: number,
  operation: MembershipOperation,
): number {
  if (policy === "majority") return Math.floor(n / 2) + 1;
  if (policy === "two-thirds") return Math.ceil((2 * n) / 3);
  // Nobody is asked to agree to its own removal.
  return operation === "remove" ? Math.max(1, n - 1) : n;
}
