import { Fault } from "../faults.ts";
import { equalBytes, formatHex } from "../hex.ts";

const MIN_NEEDED = 2;
export const MAX_CUSTODIANS = 16;
const MIN_ORGANISATIONS = 2;

/** Who keeps a share, and for whom. */
export interface Custodian {
  /** Identity id. */
  readonly id: Uint8Array;
  readonly organisation: string;
}

interface Plan {
  readonly threshold: number;
  readonly custodians: readonly Custodian[];
  readonly ownerId: Uint8Array;
}

/** Custodians of several organisations, each once, none the owner. @throws Fault RECOVERY_PLAN */
export function checkPlan({ threshold, custodians, ownerId }: Plan): void {
  const count = custodians.length;
  if (!(Number.isInteger(threshold) && threshold >= MIN_NEEDED && threshold <= count)) {
    throw new Fault("RECOVERY_PLAN", `${threshold} of ${count} custodians`);
  }
  if (count > MAX_CUSTODIANS) throw new Fault("RECOVERY_PLAN", `${count} custodians`);
  if (new Set(custodians.map(({ id }) => formatHex(id))).size < count) {
    throw new Fault("RECOVERY_PLAN", "a custodian is named twice");
  }
  if (custodians.some(({ id }) => equalBytes(id, ownerId))) {
    throw new Fault("RECOVERY_PLAN", "the owner is among the custodians");
  }
  if (!areOfSeveral(custodians)) {
    throw new Fault("RECOVERY_PLAN", "all custodians are of one organisation");
  }
}

/** The hub's own rule beside the chain's: one custodian of each organisation. @throws Fault RECOVERY_PLAN */
export function checkOneOfEach(custodians: readonly Pick<Custodian, "organisation">[]): void {
  const seen = new Set<string>();
  for (const { organisation } of custodians) {
    if (seen.has(organisation)) {
      throw new Fault("RECOVERY_PLAN", `two custodians are of ${organisation}`);
    }
    seen.add(organisation);
  }
}

function areOfSeveral(custodians: readonly Custodian[]): boolean {
  return new Set(custodians.map(({ organisation }) => organisation)).size >= MIN_ORGANISATIONS;
}

/** Whether those who approved are enough, and of several organisations. @param approvals places, from 1 */
export function isApproved(
  { threshold, custodians }: Pick<Plan, "threshold" | "custodians">,
  approvals: readonly number[],
): boolean {
  const approvers = custodians.filter((_, index) => approvals.includes(index + 1));
  return approvers.length >= threshold && areOfSeveral(approvers);
}
