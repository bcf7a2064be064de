import { Fault } from "@gridledger/protocol/faults";
import type { Login } from "../../identity/login.ts";
import type { Callers } from "../caller.ts";
import type { Endpoint } from "../endpoint.ts";
import { sessionView } from "./session.ts";

interface Deps {
  readonly login: Pick<Login, "changePassword">;
  readonly callers: Pick<Callers, "as">;
}

/** Ends all sessions of the account and opens a new one for the caller. */
export function changePassword({ login, callers }: Deps): Endpoint<"changePassword"> {
  return async ({ body, caller, reply }) => {
    if (caller.session === undefined) throw new Fault("NOT_SIGNED_IN");
    const { user } = caller.session;
    const signedIn = await login.changePassword(user, body, caller.address);
    reply.session(signedIn.token);
    return sessionView(callers.as(signedIn, caller.address));
  };
}
