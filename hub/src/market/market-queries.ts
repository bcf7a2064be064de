import type { Knex } from "knex";
import { blob } from "../store/blob.ts";
import { RULES_META } from "./market-writer.ts";

export interface OrderRow {
  readonly id: Buffer;
  readonly position: number;
  readonly interval: number;
  readonly owner: Buffer;
  readonly meter: Buffer;
  readonly meter_name: string | null;
  readonly client_id: Buffer;
  readonly is_buy: number;
  readonly quantity_wh: number;
  readonly price: number;
  readonly state: "open" | "cancelled" | "cleared";
  readonly filled_wh: number | null;
  readonly cleared_price: number | null;
}

export interface SettlementRow {
  readonly interval: number;
  readonly position: number;
  readonly owner: Buffer;
  readonly meter: Buffer;
  readonly meter_name: string | null;
  readonly traded_wh: number;
  readonly metered_wh: number;
  readonly trade: string;
  readonly deviation: string;
  readonly state: "measured" | "estimated" | "incomplete";
  readonly times: number;
}

export interface IntervalRow {
  readonly interval: number;
  readonly price: number | null;
  readonly volume_wh: number | null;
  readonly demand_wh: number | null;
  readonly supply_wh: number | null;
  readonly forgotten: number;
  readonly orders: number;
  /** Orders that are neither cleared nor cancelled. */
  readonly open: number;
  readonly meters: number;
  readonly settled: number;
}

export interface MarketFilter {
  readonly interval?: number | undefined;
  readonly owner?: Uint8Array | undefined;
  /** Below this position. */
  readonly below?: number | undefined;
  readonly limit: number;
  readonly isFilled?: boolean;
}

/** As `RulesDeclared` gave them. */
export interface DeclaredRules {
  readonly version: number;
  readonly tick: number;
  readonly ticks: number;
  readonly maxOrders: number;
  readonly maxQuantityWh: number;
  readonly gateMs: number;
  readonly horizon: number;
  readonly deadlineMs: number;
  readonly keptMs: number;
  readonly utcOffsetMinutes: number;
  readonly balancing: string;
  readonly shortfall: readonly { readonly fromMinute: number; readonly price: number }[];
  readonly surplus: readonly { readonly fromMinute: number; readonly price: number }[];
}

const NUMBERS_OF_INTERVAL = `
  (select count(*) from market_orders o where o.interval = i.interval and o.state <> 'cancelled') as orders,
  (select count(*) from market_orders o where o.interval = i.interval and o.state = 'open') as open,
  (select count(distinct o.meter) from market_orders o where o.interval = i.interval) as meters,
  (select count(*) from market_settlements s where s.interval = i.interval) as settled`;

/** What the market has said, from the tables. */
export class MarketQueries {
  readonly #store: { readonly read: Knex };

  constructor(store: { readonly read: Knex }) {
    this.#store = store;
  }

  async rules(): Promise<DeclaredRules | undefined> {
    const row: { value: string } | undefined = await this.#store
      .read("meta")
      .where({ name: RULES_META })
      .first();
    return row && JSON.parse(row.value);
  }

  async intervals(limit: number, below = Number.MAX_SAFE_INTEGER): Promise<IntervalRow[]> {
    return this.#intervals().where("i.interval", "<", below).limit(limit);
  }

  /** Oldest first, from one on. */
  async from(interval: number, limit: number): Promise<IntervalRow[]> {
    const query = this.#intervals().where("i.interval", ">=", interval);
    return query.clearOrder().orderBy("i.interval").limit(limit);
  }

  /** Intervals of which some meter's readings were missing at the deadline, newest first. */
  async incomplete(limit: number): Promise<number[]> {
    const rows: { interval: number }[] = await this.#store
      .read("market_settlements")
      .where({ state: "incomplete" })
      .distinct("interval")
      .orderBy("interval", "desc")
      .limit(limit);
    return rows.map(({ interval }) => Number(interval));
  }

  /** The oldest interval that the contract still keeps. */
  async oldest(): Promise<number | undefined> {
    const row: { interval: number } | undefined = await this.#store
      .read("market_intervals")
      .where({ forgotten: 0 })
      .orderBy("interval")
      .first("interval");
    return row && Number(row.interval);
  }

  async orders(filter: MarketFilter): Promise<OrderRow[]> {
    const query = this.#orders().orderBy("o.position", "desc");
    narrow(query, "o", filter);
    if (filter.isFilled === true) query.where("o.filled_wh", ">", 0);
    return query;
  }

  async order(id: Uint8Array): Promise<OrderRow | undefined> {
    const [row] = await this.#orders().where("o.id", blob(id));
    return row;
  }

  async book(interval: number): Promise<Pick<OrderRow, "price" | "is_buy" | "quantity_wh">[]> {
    return this.#store
      .read("market_orders")
      .where({ interval, state: "open" })
      .groupBy("price", "is_buy")
      .orderBy("price")
      .select("price", "is_buy")
      .sum({ quantity_wh: "quantity_wh" });
  }

  async settlements(filter: MarketFilter): Promise<SettlementRow[]> {
    const query = this.#store
      .read("market_settlements as s")
      .leftJoin("market_meters as m", "m.id", "s.meter")
      .select("s.*", "m.name as meter_name")
      .orderBy("s.position", "desc");
    narrow(query, "s", filter);
    return query;
  }

  async balances(): Promise<{ owner: Buffer; balance: string; settlements: number }[]> {
    return this.#store.read("market_balances").orderBy("owner");
  }

  #intervals() {
    const { read } = this.#store;
    return read("market_intervals as i")
      .select("i.*", read.raw(NUMBERS_OF_INTERVAL))
      .orderBy("i.interval", "desc");
  }

  #orders() {
    return this.#store
      .read("market_orders as o")
      .leftJoin("market_meters as m", "m.id", "o.meter")
      .leftJoin("market_intervals as i", "i.interval", "o.interval")
      .select("o.*", "m.name as meter_name", "i.price as cleared_price");
  }
}

function narrow(query: Knex.QueryBuilder, table: string, filter: MarketFilter): void {
  const { interval, owner, below, limit } = filter;
  if (interval !== undefined) query.where(`${table}.interval`, interval);
  if (owner !== undefined) query.where(`${table}.owner`, blob(owner));
  if (below !== undefined) query.where(`${table}.position`, "<", below);
  query.limit(limit);
}
