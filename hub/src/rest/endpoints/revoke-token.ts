import { Fault } from "@gridledger/protocol/faults";
import type { Tokens } from "../../identity/tokens.ts";
import type { Endpoint } from "../endpoint.ts";
import { tokenView } from "../token-view.ts";

interface Deps {
  readonly tokens: Pick<Tokens, "find" | "revoke">;
}

/** Own ones, and for who manages users anybody's: a leaked one must not wait for its owner. */
export function revokeToken({ tokens }: Deps): Endpoint<"revokeToken"> {
  return async ({ params, caller }) => {
    const token = await tokens.find(params.id);
    const isOwn = token?.account === caller.subject.name;
    if (token !== undefined && !isOwn) caller.check("user.manage", { user: token.account });
    if (token === undefined) throw new Fault("NOT_FOUND", "there is no such token");
    return { token: tokenView(await tokens.revoke(caller.subject.name, token)) };
  };
}
