import type { Users } from "../../identity/users.ts";
import type { Endpoint } from "../endpoint.ts";
import { userView } from "../user-view.ts";

interface Deps {
  readonly users: Pick<Users, "add">;
}

export function addUser({ users }: Deps): Endpoint<"addUser"> {
  return async ({ body, caller }) => {
    const { account, oneTimePassword } = await users.add(caller.subject.name, body);
    return { user: userView(account), oneTimePassword };
  };
}
