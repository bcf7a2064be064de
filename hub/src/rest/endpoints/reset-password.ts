import type { Users } from "../../identity/users.ts";
import type { Endpoint } from "../endpoint.ts";
import { userView } from "../user-view.ts";

interface Deps {
  readonly users: Pick<Users, "resetPassword">;
}

export function resetPassword({ users }: Deps): Endpoint<"resetPassword"> {
  return async ({ params, caller }) => {
    const { account, oneTimePassword } = await users.resetPassword(
      caller.subject.name,
      params.user,
    );
    return { user: userView(account), oneTimePassword };
  };
}
