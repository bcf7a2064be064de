import type { Access } from "@gridledger/protocol/api/paths";
import type { Login } from "../../identity/login.ts";
import type { Endpoint } from "../endpoint.ts";
import { sessionView } from "./session.ts";

interface Deps {
  readonly login: Pick<Login, "signOut">;
  /** What the caller may do afterwards. */
  readonly anonymousAccess: Access;
}

export function signOut({ login, anonymousAccess }: Deps): Endpoint<"signOut"> {
  return async ({ caller, reply }) => {
    if (caller.session !== undefined) await login.signOut(caller.session.token);
    reply.session(null);
    return sessionView(undefined, anonymousAccess);
  };
}
