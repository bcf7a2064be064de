import { Fault } from "@gridledger/protocol/faults";
import type { Directory } from "../../index/directory.ts";
import type { ObjectChanges } from "../../index/query/object-changes.ts";
import { type CopyTable, ownerOf } from "../../objects/copies/copy-table.ts";
import type { Endpoint } from "../endpoint.ts";
import { type ObjectDeps, readableObject } from "../object-view.ts";

interface Deps extends ObjectDeps {
  readonly index: ObjectDeps["index"] & {
    readonly changes: Pick<ObjectChanges, "erasureOf" | "receiptsOf">;
  };
  readonly directory: Pick<Directory, "ofRole">;
  readonly copies: { readonly table: Pick<CopyTable, "of"> };
}

/** Guide §9.1 b): who has erased, and who has not said so yet. */
export function objectErasure(deps: Deps): Endpoint<"objectErasure"> {
  return async ({ params, caller }) => {
    const { changes } = deps.index;
    const { root } = (await readableObject(deps, caller, params.object)).manifest;
    const erasure = await changes.erasureOf(root);
    if (erasure === undefined) throw new Fault("NOT_FOUND", "nobody decided to erase it");
    const receipts = await changes.receiptsOf(root);
    const said = new Set(receipts.map(({ replica }) => replica));
    const nameOf = (id: string) => deps.findIdentity(id)?.name ?? null;
    const hubs = deps.directory.ofRole("hub").map(({ id }) => id);
    const holders = (await deps.copies.table.of(root)).map(({ holder }) => ownerOf(holder).id);
    return {
      ...erasure,
      receipts: receipts.map(({ replica, height }) => {
        return { replica, name: nameOf(replica), height };
      }),
      outstanding: [...new Set([...hubs, ...holders])]
        .filter((id) => !said.has(id))
        .map((id) => ({ replica: id, name: nameOf(id) })),
    };
  };
}
