import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { type Sessions, sessionIdOf } from "../identity/sessions.ts";
import type { Caller } from "./caller.ts";

/** The caller's open sessions; the one that asks is marked. */
export async function sessionList(
  sessions: Pick<Sessions, "of">,
  { subject, session }: Caller,
): Promise<RouteAnswer<"sessions">> {
  const own = session && sessionIdOf(session.token);
  const open = await sessions.of(subject.name);
  return {
    items: open.map(({ account: _, kind: __, ...one }) => ({ ...one, own: one.id === own })),
  };
}
