import type { Accounts } from "../../identity/accounts.ts";
import { cut } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";
import { userView } from "../user-view.ts";

interface Deps {
  readonly accounts: Pick<Accounts, "page">;
}

/** The cursor is the name of the last user. */
export function users({ accounts }: Deps): Endpoint<"users"> {
  return async ({ query: { limit, cursor } }) => {
    const { items, hasMore } = cut(await accounts.page(limit + 1, cursor), limit);
    return { items: items.map(userView), next: hasMore ? (items.at(-1)?.name ?? null) : null };
  };
}
