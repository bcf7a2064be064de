import type { RestRole } from "@gridledger/protocol/api/access";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { Caller } from "../caller.ts";
import type { Endpoint } from "../endpoint.ts";

/** What all session routes answer. */
export function sessionView({ session, subject, permissions }: Caller): RouteAnswer<"session"> {
  const roles = subject.roles.filter(
    (role): role is RestRole => role !== "member" && role !== "local",
  );
  return {
    signedIn: subject.name !== "",
    user: subject.name || null,
    roles,
    permissions: [...permissions()],
    mustChangePassword: session?.mustChangePassword ?? false,
    csrfToken: session?.csrfToken ?? null,
  };
}

export function session(): Endpoint<"session"> {
  return ({ caller }) => sessionView(caller);
}
