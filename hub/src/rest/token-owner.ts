import { Fault } from "@gridledger/protocol/faults";
import type { Account, Accounts } from "../identity/accounts.ts";
import type { Caller } from "./caller.ts";

/**
 * Whose tokens are meant: the caller's own, or those of a program that the caller manages. Nobody makes
 * tokens in another person's name. @throws Fault FORBIDDEN, NOT_FOUND
 */
export async function tokenOwner(
  accounts: Pick<Accounts, "get">,
  { subject, check }: Caller,
  named: string | undefined,
): Promise<Account> {
  if (named === undefined || named === subject.name) return accounts.get(subject.name);
  check("user.manage", { user: named });
  const account = await accounts.get(named);
  if (account.kind === "program") return account;
  throw new Fault("FORBIDDEN", "people make their tokens themselves");
}
