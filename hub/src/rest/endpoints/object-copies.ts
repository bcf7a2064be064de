import { formatHex } from "@gridledger/protocol/hex";
import type { CopyHolders } from "../../objects/copies/copy-holders.ts";
import { type CopyTable, ownerOf } from "../../objects/copies/copy-table.ts";
import type { Endpoint } from "../endpoint.ts";
import { type ObjectDeps, readableObject } from "../object-view.ts";

interface Deps extends ObjectDeps {
  readonly copies: {
    readonly table: Pick<CopyTable, "of">;
    readonly holders: Pick<CopyHolders, "orderOf" | "policy">;
  };
}

export function objectCopies(deps: Deps): Endpoint<"objectCopies"> {
  return async ({ params, caller }) => {
    const { manifest } = await readableObject(deps, caller, params.object);
    const { holders, table } = deps.copies;
    const rows = await table.of(manifest.root);
    const viewOf = (called: string) => {
      const { id, store } = ownerOf(called);
      return { holder: id, name: deps.findIdentity(id)?.name ?? null, store: store || null };
    };
    const wanted = (await holders.policy())[manifest.classification];
    const order = await holders.orderOf(manifest);
    return {
      wanted,
      held: rows.filter(({ state }) => state === "held").length,
      placement: order.slice(0, wanted).map(({ id, called }) => {
        return { ...viewOf(called), holder: formatHex(id) };
      }),
      copies: rows.map(({ holder, state, reason, faults, checkedMs, sinceMs, statement }) => ({
        ...viewOf(holder),
        ...{ state, reason, faults, checkedMs, sinceMs, signed: statement !== null },
      })),
    };
  };
}
