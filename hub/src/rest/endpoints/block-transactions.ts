import { Fault } from "@gridledger/protocol/faults";
import type { BlockQueries } from "../../index/query/block-queries.ts";
import type { TransactionQueries } from "../../index/query/transaction-queries.ts";
import { cut, parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";
import { type FindName, transactionSummary } from "../transaction-view.ts";

interface Deps {
  readonly index: {
    readonly blocks: Pick<BlockQueries, "byHeight">;
    readonly transactions: Pick<TransactionQueries, "ofBlock">;
  };
  readonly findIdentity: FindName;
}

/** The cursor is the index of the next transaction. */
export function blockTransactions({ index, findIdentity }: Deps): Endpoint<"blockTransactions"> {
  return async ({ params: { height }, query: { limit, cursor } }) => {
    const [from = 0] = cursor === undefined ? [] : parseCursor(cursor, 1);
    const rows = await index.transactions.ofBlock(height, limit + 1, from);
    if (rows.length === 0 && (await index.blocks.byHeight(height)) === undefined) {
      throw new Fault("NOT_FOUND", `there is no block ${height}`);
    }
    const { items, hasMore } = cut(rows, limit);
    return {
      items: items.map((row) => transactionSummary(row, findIdentity)),
      next: hasMore ? String(from + limit) : null,
    };
  };
}
