import type { Login } from "../../identity/login.ts";
import type { Endpoint } from "../endpoint.ts";
import { sessionView } from "./session.ts";

interface Deps {
  readonly login: Pick<Login, "signIn">;
}

export function signIn({ login }: Deps): Endpoint<"signIn"> {
  return async ({ body, caller, reply }) => {
    const signedIn = await login.signIn(body.user, body.password, caller.address);
    reply.session(signedIn.token);
    return sessionView(signedIn, "operator");
  };
}
