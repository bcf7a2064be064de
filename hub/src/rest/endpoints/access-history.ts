import type { AccessPolicy } from "../../identity/policy/access-policy.ts";
import type { Endpoint } from "../endpoint.ts";
import { versionView } from "../rule-view.ts";

interface Deps {
  readonly policy: Pick<AccessPolicy, "history">;
}

export function accessHistory({ policy }: Deps): Endpoint<"accessHistory"> {
  return async () => ({ items: (await policy.history()).map(versionView) });
}
