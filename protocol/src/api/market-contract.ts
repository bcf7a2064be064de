import { z } from "zod";
import { decimal } from "./decimal.ts";
import { address, base64url, count, hex32, page, pageQuery } from "./shapes.ts";

const word = z.string().regex(/^0x[0-9a-f]{64}$/);
/** Smallest units; text, because sums may be larger than a number holds. */
const money = z.string().regex(/^-?\d+$/);
const interval = z.number().int().min(0).max(4_294_967_295);

const filterQuery = pageQuery.extend({
  interval: decimal(interval).optional(),
  owner: address.optional(),
});

const party = z.object({ address, name: z.string().nullable() });
/** A registered meter; its name is null where the registry's word has not come. */
const meter = z.object({ id: word, name: z.string().nullable() });

const rules = z.object({
  version: count,
  tick: count,
  ticks: count,
  maxOrders: count,
  maxQuantityWh: count,
  gateMs: count,
  horizon: count,
  deadlineMs: count,
  keptMs: count,
  utcOffsetMinutes: z.number().int(),
  balancing: party,
  shortfall: z.array(z.object({ fromMinute: count, price: count })),
  surplus: z.array(z.object({ fromMinute: count, price: count })),
});

const marketInterval = z.object({
  interval,
  startMs: count,
  endMs: count,
  phase: z.enum(["open", "cleared", "settled"]),
  /** Smallest units per kWh; null while it is not cleared or nothing was traded. */
  price: count.nullable(),
  volumeWh: count,
  demandWh: count,
  supplyWh: count,
  orders: count,
  meters: count,
  settled: count,
});

const order = z.object({
  id: word,
  interval,
  owner: party,
  meter,
  clientId: word,
  side: z.enum(["buy", "sell"]),
  quantityWh: count,
  price: count,
  state: z.enum(["open", "cancelled", "cleared"]),
  filledWh: count.nullable(),
  /** Uniform price of its interval, once cleared. */
  clearedPrice: count.nullable(),
  height: count,
});

const settlement = z.object({
  interval,
  owner: party,
  meter,
  /** Bought less sold. */
  tradedWh: z.number().int(),
  /** Taken less given, by the meter's signed readings. */
  meteredWh: z.number().int(),
  trade: money,
  deviation: money,
  amount: money,
  state: z.enum(["measured", "estimated", "incomplete"]),
  /** How often it was settled: more than once where readings changed. */
  times: count,
  height: count,
});

/** Routes of the energy market, guide §3.2. */
export const marketContract = {
  market: {
    summary: "The market: its rules, its interval, where it is",
    answer: z.object({ address, intervalMs: count, current: interval, rules: rules.nullable() }),
  },
  marketIntervals: {
    summary: "Intervals with price and volume, newest first",
    query: pageQuery,
    answer: page(marketInterval),
  },
  marketBook: {
    summary: "The open orders of an interval by price, lowest first",
    params: z.object({ interval: decimal(interval) }),
    answer: z.object({
      interval,
      levels: z.array(z.object({ price: count, buyWh: count, sellWh: count })),
    }),
  },
  marketOrders: { summary: "Orders, newest first", query: filterQuery, answer: page(order) },
  marketOrder: {
    summary: "One order",
    params: z.object({ order: word }),
    answer: order,
  },
  placeMarketOrder: {
    summary: "Hand in a signed order or cancellation; the same again is the same order",
    query: z.object({ waitMs: decimal(z.number().int().min(0).max(60_000)).default(0) }),
    body: z.object({ transaction: base64url.max(1_400_000) }),
    answer: z.object({
      order: word,
      action: z.enum(["place", "cancel"]),
      hash: hex32,
      state: z.enum(["spooled", "final"]),
      height: count.nullable(),
    }),
  },
  marketTrades: {
    summary: "Orders that were filled, newest first",
    query: filterQuery,
    answer: page(order),
  },
  marketSettlements: {
    summary: "What meters were owed for intervals, newest first",
    query: filterQuery,
    answer: page(settlement),
  },
  marketParticipants: {
    summary: "Everybody with a balance; balances sum to zero",
    answer: z.object({ items: z.array(party.extend({ balance: money, settlements: count })) }),
  },
  marketStatement: {
    summary: "A participant's balance, proven to a block, and what it is made of",
    params: z.object({ owner: address }),
    query: pageQuery,
    answer: z.object({
      owner: party,
      balance: money,
      provenHeight: count,
      /** Storage slot of the balance: `/contracts/{address}/storage/{slot}` gives its proof. */
      slot: word,
      items: z.array(settlement),
      next: z.string().nullable(),
    }),
  },
} as const;

export type MarketOrder = z.output<typeof order>;
export type MarketSettlement = z.output<typeof settlement>;
export type MarketInterval = z.output<typeof marketInterval>;
export type MarketRules = z.output<typeof rules>;
