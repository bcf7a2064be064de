import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import type { AuditAnchorTable } from "../../anchoring/audit-anchor-table.ts";
import { cut } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly chain: Chain;
  readonly auditAnchors: Pick<AuditAnchorTable, "after">;
}

/** The cursor is the number of the last anchor. */
export function auditAnchors(deps: Deps): Endpoint<"auditAnchors"> {
  const { hash } = deps.chain.suite;
  return async ({ query: { limit, cursor } }) => {
    const found = await deps.auditAnchors.after(Number(cursor ?? 0), limit + 1);
    const { items, hasMore } = cut(found, limit);
    return {
      items: items.map(({ firstLine, lines, salt, tx, height }) => ({
        ...{ firstLine, lines, salt: formatHex(salt), height },
        transaction: tx && formatHex(leafHash(hash, tx)),
      })),
      next: hasMore ? String(items.at(-1)?.batch) : null,
    };
  };
}
