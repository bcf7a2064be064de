import { logView } from "../../feed/log-view.ts";
import type { ContractIndex } from "../../index/contracts/contract-index.ts";
import { bytesOf } from "../contract-view.ts";
import { cut, parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly index: { readonly contracts: Pick<ContractIndex, "queries"> };
}

/** The cursor is the place `height.index` with which the next page begins. */
export function contractLogs({ index }: Deps): Endpoint<"contractLogs"> {
  return async ({ params, query: { limit, cursor, topic } }) => {
    const [height = 0, at = 0] = cursor === undefined ? [] : parseCursor(cursor, 2);
    const filter = { address: bytesOf(params.address), topic: topic && bytesOf(topic) };
    const from = { height, index: at };
    const rows = await index.contracts.queries.logs(
      { address: filter.address, topic: filter.topic || undefined },
      from,
      limit + 1,
    );
    const { items } = cut(rows, limit);
    const after = rows[limit];
    const next = after === undefined ? null : `${after.height}.${after.index}`;
    return { items: items.map(logView), next };
  };
}
