import type { MeterQueries } from "../../index/query/meter-queries.ts";
import { cut } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";
import type { FindName } from "../transaction-view.ts";

interface Deps {
  readonly index: { readonly meters: Pick<MeterQueries, "page"> };
  readonly findIdentity: FindName;
}

/** The cursor is the name of the last meter. */
export function meters({ index, findIdentity }: Deps): Endpoint<"meters"> {
  return async ({ query: { limit, cursor } }) => {
    const { items, hasMore } = cut(await index.meters.page(limit + 1, cursor), limit);
    return {
      items: items.map(({ maxSpanMs: _, ...row }) => ({
        ...row,
        registers: [...row.registers],
        ownerName: findIdentity(row.owner)?.name ?? null,
      })),
      next: hasMore ? (items.at(-1)?.meter ?? null) : null,
    };
  };
}
