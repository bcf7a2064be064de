import { Fault } from "@gridledger/protocol/faults";
import type { Sessions } from "../../identity/sessions.ts";
import type { Endpoint } from "../endpoint.ts";
import { sessionList } from "../session-list.ts";

interface Deps {
  readonly sessions: Pick<Sessions, "of" | "closeOne">;
}

export function endSession({ sessions }: Deps): Endpoint<"endSession"> {
  return async ({ params, caller }) => {
    const isEnded = await sessions.closeOne(caller.subject.name, params.id);
    if (!isEnded) throw new Fault("NOT_FOUND", "you have no such session");
    return sessionList(sessions, caller);
  };
}
