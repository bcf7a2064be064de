import { Fault } from "@gridledger/protocol/faults";
import type { Login } from "../../identity/login.ts";
import type { Endpoint } from "../endpoint.ts";
import { sessionView } from "./session.ts";

interface Deps {
  readonly login: Pick<Login, "changePassword">;
}

/** Ends all sessions of the account and opens a new one for the caller. */
export function changePassword({ login }: Deps): Endpoint<"changePassword"> {
  return async ({ body, caller, reply }) => {
    if (caller.session === undefined) throw new Fault("NOT_SIGNED_IN");
    const { user } = caller.session;
    const signedIn = await login.changePassword(user, body.current, body.next);
    reply.session(signedIn.token);
    return sessionView(signedIn, "operator");
  };
}
