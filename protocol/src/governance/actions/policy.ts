import { Fault } from "../../faults.ts";
import {
  type ActionFamily,
  familyName,
  familyNumber,
  type GovernancePolicy,
  policyName,
  policyNumber,
} from "../policy.ts";
import type { GovernanceAction } from "./governance-action.ts";

/** Another policy counts the votes of a family. The stricter of the old and the new one decides it. */
export interface PolicyChange {
  readonly type: "policy";
  readonly family: ActionFamily;
  readonly policy: GovernancePolicy;
}

/** `[family, policy]` */
export const policyChange: GovernanceAction<PolicyChange> = {
  ...{ number: 4, type: "policy", family: "protocol" },
  write(writer, { family, policy }) {
    writer.array(2).uint(familyNumber(family)).uint(policyNumber(policy));
  },
  read(reader) {
    reader.tuple("policy", 2);
    const family = familyName(reader.uint("family"));
    if (family === undefined) throw new Fault("PROPOSAL_SHAPE", "unknown family of actions");
    const number = reader.uint("policy");
    try {
      return { type: "policy", family, policy: policyName(number) };
    } catch (cause) {
      throw new Fault("PROPOSAL_SHAPE", `unknown policy ${number}`, { cause });
    }
  },
  slot: ({ family }) => `policy/${family}`,
  check({ policies }, { family, policy }) {
    if (policies[family] !== policy) return undefined;
    return new Fault("PROPOSAL_UNFIT", `${policy} counts for ${family} already`);
  },
  apply: (inForce, { family, policy }) => {
    return { ...inForce, policies: { ...inForce.policies, [family]: policy } };
  },
};
