import { decide, type Rule } from "@gridledger/protocol/access/rules";
import type { Permission } from "@gridledger/protocol/api/access";
import { Fault } from "@gridledger/protocol/faults";
import { type Account, subjectOf } from "../accounts.ts";

/** What somebody must be able to do for a hub to stay manageable. */
const duties: readonly Permission[] = ["user.manage", "access.manage"];

/** Refuses accounts or rules that would lock everybody out. @throws Fault LAST_ADMINISTRATOR */
export function checkAdministrators(rules: readonly Rule[], accounts: readonly Account[]): void {
  const people = accounts.filter(({ kind, isEnabled }) => kind === "person" && isEnabled);
  const isManaged = people.some((account) => {
    const subject = subjectOf(account);
    return duties.every((permission) => {
      // Somebody they do not know: a rule for single names is no way to manage users.
      const resource = permission === "user.manage" ? { user: "" } : {};
      return decide(rules, { subject, permission, resource }).effect === "permit";
    });
  });
  if (!isManaged) throw new Fault("LAST_ADMINISTRATOR");
}
