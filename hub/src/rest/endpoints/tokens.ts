import type { Accounts } from "../../identity/accounts.ts";
import type { Tokens } from "../../identity/tokens.ts";
import type { Endpoint } from "../endpoint.ts";
import { tokenOwner } from "../token-owner.ts";
import { tokenView } from "../token-view.ts";

interface Deps {
  readonly accounts: Pick<Accounts, "get">;
  readonly tokens: Pick<Tokens, "of">;
}

export function tokens(deps: Deps): Endpoint<"tokens"> {
  return async ({ query, caller }) => {
    const { name } = await tokenOwner(deps.accounts, caller, query.user);
    return { items: (await deps.tokens.of(name)).map(tokenView) };
  };
}
