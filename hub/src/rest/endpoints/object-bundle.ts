import type { Bundler } from "../../objects/bundler.ts";
import type { Endpoint } from "../endpoint.ts";
import { type ObjectDeps, readableObject } from "../object-view.ts";

interface Deps extends ObjectDeps {
  readonly bundler: Pick<Bundler, "ofObject">;
}

export function objectBundle(deps: Deps): Endpoint<"objectBundle"> {
  return async ({ params, query, caller }) => {
    const { manifest, txHash } = await readableObject(deps, caller, params.object);
    return deps.bundler.ofObject(txHash, manifest, query.chunk);
  };
}
