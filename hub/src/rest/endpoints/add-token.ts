import { Fault } from "@gridledger/protocol/faults";
import { type Accounts, subjectOf } from "../../identity/accounts.ts";
import type { AccessPolicy } from "../../identity/policy/access-policy.ts";
import type { Tokens } from "../../identity/tokens.ts";
import type { Endpoint } from "../endpoint.ts";
import { tokenOwner } from "../token-owner.ts";
import { tokenView } from "../token-view.ts";

interface Deps {
  readonly accounts: Pick<Accounts, "get">;
  readonly tokens: Pick<Tokens, "add">;
  readonly policy: Pick<AccessPolicy, "permissionsOf">;
}

export function addToken({ accounts, tokens, policy }: Deps): Endpoint<"addToken"> {
  return async ({ body, caller }) => {
    const account = await tokenOwner(accounts, caller, body.user);
    const held = policy.permissionsOf(subjectOf(account));
    const permissions = [...new Set(body.permissions)];
    const over = permissions.find((one) => one.startsWith("account.") || !held.includes(one));
    if (over !== undefined) throw new Fault("TOKEN_SCOPE", `${over} cannot be of this token`);
    const { name, days } = body;
    const wanted = { account: account.name, name, permissions, days };
    const { token, secret } = await tokens.add(caller.subject.name, wanted);
    return { token: tokenView(token), secret };
  };
}
