import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { Account } from "../identity/accounts.ts";

/** An account without its password's hash. */
export function userView(account: Account): RouteAnswer<"changeUser">["user"] {
  const { name, kind, roles, attributes, createdMs, lastSignInMs } = account;
  return {
    ...{ name, kind, roles: [...roles], attributes, createdMs, lastSignInMs },
    enabled: account.isEnabled,
    mustChangePassword: !account.isChosen,
  };
}
