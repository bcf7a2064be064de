import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { ApiToken } from "../identity/tokens.ts";

/** A token without its secret. */
export function tokenView({
  account: _,
  permissions,
  ...token
}: ApiToken): RouteAnswer<"revokeToken">["token"] {
  return { ...token, permissions: [...permissions] };
}
