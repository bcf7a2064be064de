import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { Access } from "@gridledger/protocol/api/paths";
import type { SignedIn } from "../../identity/login.ts";
import type { Endpoint } from "../endpoint.ts";

/** What all session routes answer. */
export function sessionView(session: SignedIn | undefined, access: Access): RouteAnswer<"session"> {
  return {
    signedIn: session !== undefined,
    user: session?.user ?? null,
    access,
    mustChangePassword: session?.mustChangePassword ?? false,
    csrfToken: session?.csrfToken ?? null,
  };
}

export function session(): Endpoint<"session"> {
  return ({ caller }) => sessionView(caller.session, caller.access);
}
