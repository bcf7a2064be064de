import { formatAddress } from "@gridledger/protocol/contracts/address";
import { Fault } from "@gridledger/protocol/faults";
import { type Chain, contractSetOf } from "@gridledger/protocol/ledger/genesis";
import { MARKET_ADDRESS } from "@gridledger/protocol/market/addresses";
import type { ContractIndex } from "../../index/contracts/contract-index.ts";
import type { Directory } from "../../index/directory.ts";
import { balanceOf, balanceSlot } from "../../market/balance-slot.ts";
import type { MarketQueries } from "../../market/market-queries.ts";
import { bytesOf, hexOf } from "../contract-view.ts";
import { cut, parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";
import { intervalView, orderView, Parties, rulesView, settlementView } from "../market-view.ts";
import { type OrderDeps, placeMarketOrder } from "./place-market-order.ts";

export interface MarketDeps extends OrderDeps {
  readonly chain: Chain;
  readonly market: MarketQueries;
  readonly directory: Pick<Directory, "page">;
  readonly index: OrderDeps["index"] & { readonly contracts: Pick<ContractIndex, "account"> };
  readonly now: () => number;
}

type Part = Omit<MarketDeps, "outbox" | "orderJudge"> & { readonly parties: Parties };

/** The market as its events tell it (guide §3.2). */
export function marketEndpoints(deps: MarketDeps) {
  const part = { ...deps, parties: new Parties(deps.chain.suite.hash, deps.directory) };
  return {
    market: market(part),
    marketIntervals: marketIntervals(part),
    marketBook: marketBook(part),
    marketOrders: marketOrders(part),
    marketOrder: marketOrder(part),
    placeMarketOrder: placeMarketOrder(deps),
    marketTrades: marketTrades(part),
    marketSettlements: marketSettlements(part),
    marketParticipants: marketParticipants(part),
    marketStatement: marketStatement(part),
  };
}

function market({ chain, market: queries, parties, now }: Part): Endpoint<"market"> {
  return async () => {
    const { meterIntervalMs: intervalMs } = contractSetOf(chain);
    const rules = await queries.rules();
    return {
      address: formatAddress(MARKET_ADDRESS),
      intervalMs,
      current: Math.floor(now() / intervalMs),
      rules: rules === undefined ? null : rulesView(rules, parties),
    };
  };
}

function marketIntervals({ chain, market: queries }: Part): Endpoint<"marketIntervals"> {
  return async ({ query: { limit, cursor } }) => {
    const [below] = cursor === undefined ? [] : parseCursor(cursor, 1);
    const { items, hasMore } = cut(await queries.intervals(limit + 1, below), limit);
    const { meterIntervalMs } = contractSetOf(chain);
    const next = hasMore ? String(items.at(-1)!.interval) : null;
    return { items: items.map((row) => intervalView(row, meterIntervalMs)), next };
  };
}

function marketBook({ market: queries }: Part): Endpoint<"marketBook"> {
  return async ({ params: { interval } }) => {
    const levels = new Map<number, { price: number; buyWh: number; sellWh: number }>();
    for (const row of await queries.book(interval)) {
      const price = Number(row.price);
      const level = levels.get(price) ?? { price, buyWh: 0, sellWh: 0 };
      level[row.is_buy === 1 ? "buyWh" : "sellWh"] = Number(row.quantity_wh);
      levels.set(price, level);
    }
    return { interval, levels: [...levels.values()] };
  };
}

type Filter = { limit: number; cursor?: string; interval?: number; owner?: string };

function filterOf({ limit, cursor, interval, owner }: Filter) {
  const [below] = cursor === undefined ? [] : parseCursor(cursor, 1);
  return { interval, below, limit: limit + 1, owner: owner === undefined ? owner : bytesOf(owner) };
}

async function orderPage({ market: queries, parties }: Part, filter: Filter, isFilled: boolean) {
  const rows = await queries.orders({ ...filterOf(filter), isFilled });
  const { items, hasMore } = cut(rows, filter.limit);
  const next = hasMore ? String(items.at(-1)!.position) : null;
  return { items: items.map((row) => orderView(row, parties)), next };
}

function marketOrders(part: Part): Endpoint<"marketOrders"> {
  return ({ query }) => orderPage(part, query as Filter, false);
}

/** Orders that were filled. */
function marketTrades(part: Part): Endpoint<"marketTrades"> {
  return ({ query }) => orderPage(part, query as Filter, true);
}

function marketOrder({ market: queries, parties }: Part): Endpoint<"marketOrder"> {
  return async ({ params }) => {
    const row = await queries.order(bytesOf(params.order));
    if (row === undefined) throw new Fault("NOT_FOUND", "no order has this id");
    return orderView(row, parties);
  };
}

async function settlementPage({ market: queries, parties }: Part, filter: Filter) {
  const { items, hasMore } = cut(await queries.settlements(filterOf(filter)), filter.limit);
  const next = hasMore ? String(items.at(-1)!.position) : null;
  return { items: items.map((row) => settlementView(row, parties)), next };
}

function marketSettlements(part: Part): Endpoint<"marketSettlements"> {
  return ({ query }) => settlementPage(part, query as Filter);
}

function marketParticipants({ market: queries, parties }: Part): Endpoint<"marketParticipants"> {
  return async () => ({
    items: (await queries.balances()).map(({ owner, balance, settlements }) => ({
      ...parties.of(owner),
      balance,
      settlements,
    })),
  });
}

/** The balance is the contract's own, proven; the lines are the events that made it. */
function marketStatement(part: Part): Endpoint<"marketStatement"> {
  return async ({ params, query }) => {
    const owner = bytesOf(params.owner);
    const slot = balanceSlot(owner);
    const found = await part.index.contracts.account(MARKET_ADDRESS, slot);
    return {
      owner: part.parties.of(owner),
      balance: String(balanceOf(found.proof.slot?.value)),
      provenHeight: found.block.header.height,
      slot: hexOf(slot),
      ...(await settlementPage(part, { ...query, owner: params.owner } as Filter)),
    };
  };
}
