import { blob } from "../store/blob.ts";
import type { SqlValue } from "../store/insert-rows.ts";
import type { ParsedBlock } from "./parse-block.ts";
import { positionOf } from "./position.ts";

/** The chain takes a root once; a second row can only be the same. */
export const objectsTable = {
  table: "objects",
  columns: ["root", "position", "owner", "name"],
  onConflict: "on conflict (root) do nothing",
};

export function objectRows({ block, transactions }: ParsedBlock): SqlValue[][] {
  return transactions.flatMap(({ object, sender }, index) => {
    if (object === undefined) return [];
    const position = positionOf(block.header.height, index);
    return [[blob(object.root), position, blob(sender), object.name]];
  });
}

export const objectChangesTable = {
  table: "object_changes",
  columns: ["root", "type", "height", "successor", "legal_basis"],
  onConflict: "on conflict (root, type) do nothing",
};

/** What came into force at the end of the block. */
export function changeRows({ block }: ParsedBlock): SqlValue[][] {
  return block.executed.flatMap((action) => {
    if (action.type !== "amendment" && action.type !== "erasure") return [];
    const successor = action.type === "amendment" ? blob(action.successor) : null;
    const { height } = block.header;
    return [[blob(action.root), action.type, height, successor, action.legalBasis]];
  });
}

export const erasureReceiptsTable = {
  table: "erasure_receipts",
  columns: ["root", "replica", "position"],
  onConflict: "on conflict (root, replica) do nothing",
};

export function receiptRows({ block, transactions }: ParsedBlock): SqlValue[][] {
  return transactions.flatMap(({ erasedRoot, sender }, index) => {
    if (erasedRoot === undefined) return [];
    return [[blob(erasedRoot), blob(sender), positionOf(block.header.height, index)]];
  });
}
