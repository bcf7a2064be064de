import type { Login } from "../../identity/login.ts";
import type { Callers } from "../caller.ts";
import type { Endpoint } from "../endpoint.ts";
import { sessionView } from "./session.ts";

interface Deps {
  readonly login: Pick<Login, "signIn" | "signOut">;
  readonly callers: Pick<Callers, "as">;
}

/** A session that the browser had before ends: nobody goes on under a token that somebody else set. */
export function signIn({ login, callers }: Deps): Endpoint<"signIn"> {
  return async ({ body, caller, reply }) => {
    const signedIn = await login.signIn(body.user, body.password, caller.address);
    if (caller.session !== undefined) await login.signOut(caller.session.token);
    reply.session(signedIn.token);
    return sessionView(callers.as(signedIn, caller.address));
  };
}
