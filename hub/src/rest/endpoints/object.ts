import { formatHex } from "@gridledger/protocol/hex";
import type { ObjectChanges, SupersededObject } from "../../index/query/object-changes.ts";
import type { Endpoint } from "../endpoint.ts";
import { type ObjectDeps, objectView, readableObject } from "../object-view.ts";

interface Deps extends ObjectDeps {
  readonly index: ObjectDeps["index"] & {
    readonly changes: Pick<ObjectChanges, "erasureOf" | "successorsOf" | "predecessorsOf">;
  };
}

export function object(deps: Deps): Endpoint<"object"> {
  return async ({ params, caller }) => {
    const found = await readableObject(deps, caller, params.object);
    const { root } = found.manifest;
    const { changes } = deps.index;
    return {
      ...(await objectView(deps, found)),
      erased: (await changes.erasureOf(root)) ?? null,
      successors: (await changes.successorsOf(root)).map(changeView),
      predecessors: (await changes.predecessorsOf(root)).map(changeView),
    };
  };
}

function changeView({ root, height, legalBasis }: SupersededObject) {
  return { root: formatHex(root), height, legalBasis };
}
