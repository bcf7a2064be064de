import type { ChainStatus } from "../../feed/chain-status.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly status: Pick<ChainStatus, "status">;
}

export function status(deps: Deps): Endpoint<"status"> {
  return () => deps.status.status();
}
