import type { AccessPolicy } from "../../identity/policy/access-policy.ts";
import type { Endpoint } from "../endpoint.ts";
import { versionView } from "../rule-view.ts";

interface Deps {
  readonly policy: Pick<AccessPolicy, "change">;
}

export function setRules({ policy }: Deps): Endpoint<"setRules"> {
  return async ({ body, caller }) => versionView(await policy.change(caller.subject, body));
}
