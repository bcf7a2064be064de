import type { ChainStatus } from "../../feed/chain-status.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly status: Pick<ChainStatus, "nodes">;
}

export function nodes(deps: Deps): Endpoint<"nodes"> {
  return () => ({ items: deps.status.nodes() });
}
