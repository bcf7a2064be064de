import type { Sessions } from "../../identity/sessions.ts";
import type { Endpoint } from "../endpoint.ts";
import { sessionList } from "../session-list.ts";

interface Deps {
  readonly sessions: Pick<Sessions, "of">;
}

export function sessions(deps: Deps): Endpoint<"sessions"> {
  return ({ caller }) => sessionList(deps.sessions, caller);
}
