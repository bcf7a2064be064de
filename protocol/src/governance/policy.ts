import { Fault } from "../faults.ts";

/** How many validators must agree, by name. Numbers on the wire, never reused. */
const policies = { majority: 1, "two-thirds": 2, unanimous: 3 } as const;

export type GovernancePolicy = keyof typeof policies;

export const policyNames = Object.keys(policies) as readonly GovernancePolicy[];

/**
 * What a policy counts for: who the validators are · how the chain runs · amendments and erasures ·
 * whose certificates count. Numbers on the wire, never reused.
 */
const families = { membership: 1, protocol: 2, data: 3, trust: 4 } as const;

export type ActionFamily = keyof typeof families;

export const familyNames = Object.keys(families) as readonly ActionFamily[];

/**
 * What a genesis without the field means. A majority is below the consensus bound, so f liars and a
 * minority of the honest could pass a change; unanimity freezes governance when one gateway is dead.
 */
export const DEFAULT_POLICY: GovernancePolicy = "two-thirds";

export const policyNumber = (policy: GovernancePolicy): number => policies[policy];

export const familyNumber = (family: ActionFamily): number => families[family];

/** @throws Fault GENESIS_INVALID for an unknown number */
export function policyName(number: number): GovernancePolicy {
  const name = policyNames.find((known) => policies[known] === number);
  if (name !== undefined) return name;
  throw new Fault("GENESIS_INVALID", `unknown governance policy ${number}`);
}

/** Undefined for an unknown number. */
export function familyName(number: number): ActionFamily | undefined {
  return familyNames.find((known) => families[known] === number);
}

/** Approvals that execute a change among n validators; `isRemoval` where one of them is to leave. */
export function votesNeeded(policy: GovernancePolicy, n: number, isRemoval: boolean): number {
  if (policy === "majority") return Math.floor(n / 2) + 1;
  if (policy === "two-thirds") return Math.ceil((2 * n) / 3);
  // Nobody is asked to agree to its own removal.
  return isRemoval ? Math.max(1, n - 1) : n;
}
