import { decodeValues } from "@gridledger/protocol/rows/row-leaf";
import { keyTextOf } from "../../mapping/row-reader.ts";
import { cut, parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";
import type { MappingDeps } from "./mappings.ts";

/** The cursor is the id of the last finding. */
export function findings({ service }: MappingDeps): Endpoint<"findings"> {
  return async ({ params: { id }, query: { limit, cursor } }) => {
    const { parts } = service().find(id);
    const [below] = cursor === undefined ? [] : parseCursor(cursor, 1);
    const found = await parts.tables.findings.page(parts.id, limit + 1, below);
    const { items, hasMore } = cut(found, limit);
    return {
      items: items.map(({ key, copy: _sealed, mapping: _mapping, columns, ...finding }) => ({
        ...finding,
        columns: [...columns],
        key: keyTextOf(decodeValues(parts.definition.mapped.key, key)),
      })),
      next: hasMore ? String(items.at(-1)?.id) : null,
    };
  };
}

export function row({ service }: MappingDeps): Endpoint<"row"> {
  return ({ params: { id, key } }) => service().prover(id).state(key);
}

export function rowProof({ service }: MappingDeps): Endpoint<"rowProof"> {
  return ({ params: { id, key }, query: { columns } }) =>
    service()
      .prover(id)
      .proof(key, columns?.split(",").filter((name) => name !== "") ?? []);
}
