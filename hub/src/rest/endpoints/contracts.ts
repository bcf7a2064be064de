import { formatAddress } from "@gridledger/protocol/contracts/address";
import { formatHex } from "@gridledger/protocol/hex";
import { type Chain, contractSetOf } from "@gridledger/protocol/ledger/genesis";
import type { ContractIndex } from "../../index/contracts/contract-index.ts";
import type { ContractRow } from "../../index/contracts/contract-queries.ts";
import { positionOf } from "../../index/position.ts";
import { cut, parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";
import { placedView } from "../placed-contract.ts";
import type { FindName } from "../transaction-view.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: { readonly contracts: Pick<ContractIndex, "queries"> };
  readonly findIdentity: FindName;
}

/** The cursor is the place in the chain below which the next page begins; those of the genesis come last. */
export function contracts({ chain, index, findIdentity }: Deps): Endpoint<"contracts"> {
  return async ({ query: { limit, cursor } }) => {
    const [below] = cursor === undefined ? [] : parseCursor(cursor, 1);
    const rows = await index.contracts.queries.newest(limit + 1, below);
    const { items, hasMore } = cut(rows, limit);
    const last = items.at(-1);
    const next = hasMore && last ? String(positionOf(last.height, last.index)) : null;
    const views = items.map((row) => contractView(row, findIdentity));
    if (hasMore) return { items: views, next };
    const placed = contractSetOf(chain).placed.map((each) => placedView(chain, each));
    const fits = views.length === 0 || views.length + placed.length <= limit;
    return fits ? { items: [...views, ...placed], next } : { items: views, next: "0" };
  };
}

export function contractView(row: ContractRow, findIdentity: FindName) {
  const id = formatHex(row.creator);
  return {
    address: formatAddress(row.address),
    height: row.height,
    transaction: formatHex(row.txHash),
    creator: { id, name: findIdentity(id)?.name ?? null },
    library: null,
  };
}
