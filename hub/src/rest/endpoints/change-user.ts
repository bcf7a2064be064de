import type { Users } from "../../identity/users.ts";
import type { Endpoint } from "../endpoint.ts";
import { userView } from "../user-view.ts";

interface Deps {
  readonly users: Pick<Users, "change">;
}

export function changeUser({ users }: Deps): Endpoint<"changeUser"> {
  return async ({ params, body, caller }) => {
    return { user: userView(await users.change(caller.subject.name, params.user, body)) };
  };
}
