import { blockSummary } from "../../feed/block-view.ts";
import type { ValidatorSets } from "../../index/governance/validator-sets.ts";
import type { BlockQueries } from "../../index/query/block-queries.ts";
import { cut, parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly index: {
    readonly blocks: Pick<BlockQueries, "newest">;
    readonly sets: Pick<ValidatorSets, "at">;
  };
}

/** The cursor is the height below which the next page begins. */
export function blocks({ index }: Deps): Endpoint<"blocks"> {
  return async ({ query: { limit, cursor } }) => {
    const [before] = cursor === undefined ? [] : parseCursor(cursor, 1);
    const { items, hasMore } = cut(await index.blocks.newest(limit + 1, before), limit);
    const last = items.at(-1);
    return {
      items: items.map((block) =>
        blockSummary(block, index.sets.at(block.header.height).validators),
      ),
      next: hasMore && last !== undefined ? String(last.header.height) : null,
    };
  };
}
