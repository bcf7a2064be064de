import { formatHex } from "@gridledger/protocol/hex";
import type { AuditLog } from "../../logs/audit-log.ts";
import { cut } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly audit: Pick<AuditLog, "page">;
}

/** The cursor is the sequence number of the last event. */
export function audit(deps: Deps): Endpoint<"audit"> {
  return async ({ query: { limit, cursor, from, to, ...wanted } }) => {
    const before = cursor === undefined ? undefined : Number(cursor);
    const query = { ...wanted, fromMs: from, toMs: to, before, limit: limit + 1 };
    const { items, hasMore } = cut(await deps.audit.page(query), limit);
    return {
      items: items.map((event) => ({ ...event, hash: formatHex(event.hash) })),
      next: hasMore ? String(items.at(-1)?.sequence) : null,
    };
  };
}
