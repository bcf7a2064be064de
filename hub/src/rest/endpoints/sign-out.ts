import type { Login } from "../../identity/login.ts";
import type { Callers } from "../caller.ts";
import type { Endpoint } from "../endpoint.ts";
import { sessionView } from "./session.ts";

interface Deps {
  readonly login: Pick<Login, "signOut">;
  readonly callers: Pick<Callers, "as">;
}

export function signOut({ login, callers }: Deps): Endpoint<"signOut"> {
  return async ({ caller, reply }) => {
    if (caller.session !== undefined) await login.signOut(caller.session.token);
    reply.session(null);
    return sessionView(callers.as(undefined, caller.address));
  };
}
