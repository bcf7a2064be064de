import {
  type Attributes,
  type Decision,
  decide,
  type Rule,
  type Subject,
} from "@gridledger/protocol/access/rules";
import { policyOf } from "@gridledger/protocol/access/shipped-rules";
import { type Permission, permissionNames } from "@gridledger/protocol/api/access";

/** The rules in force, and what they say. */
export class AccessPolicy {
  #rules: readonly Rule[] = policyOf([]);

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** @param resource undefined: for any resource at all */
  decide(subject: Subject, permission: Permission, resource?: Attributes): Decision {
    return decide(this.#rules, { subject, permission, resource });
  }

  /** What the subject may do for some resource at least. */
  permissionsOf(subject: Subject): Permission[] {
    return permissionNames.filter(
      (permission) => this.decide(subject, permission).effect === "permit",
    );
  }
}
