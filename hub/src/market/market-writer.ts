import type { Knex } from "knex";
import type { Hex } from "viem";
import type { MarketEvent } from "./market-events.ts";

/** `EnergyMarket.SettledState`, by its number. */
const settledStates = ["open", "measured", "estimated", "incomplete"] as const;
export const RULES_META = "market-rules";

const bytes = (hex: Hex): Buffer => Buffer.from(hex.slice(2), "hex");

/** Carries one event into the tables of the market. `position` is the log's place in the chain. */
export async function writeMarketEvent(
  db: Knex,
  event: MarketEvent,
  position: number,
): Promise<void> {
  switch (event.eventName) {
    case "MeterRegistered":
      await merge(db, "market_meters", ["id"], { id: bytes(event.args.id), name: event.args.name });
      return;
    case "RulesDeclared":
      await merge(db, "meta", ["name"], { name: RULES_META, value: rulesText(event.args) });
      return;
    case "OrderPlaced":
      await placeOrder(db, event.args, position);
      return;
    case "OrderCancelled":
      await db("market_orders")
        .where({ id: bytes(event.args.id) })
        .update({ state: "cancelled" });
      return;
    case "OrderCleared":
      await db("market_orders")
        .where({ id: bytes(event.args.id) })
        .update({ state: "cleared", filled_wh: event.args.filledWh });
      return;
    case "IntervalCleared":
      await clearInterval(db, event.args);
      return;
    case "Settled":
      await settle(db, event.args, position);
      return;
    case "IntervalForgotten":
      await db("market_intervals")
        .where({ interval: event.args.interval })
        .update({ forgotten: 1 });
      return;
    case "MeterRemoved":
      return;
  }
}

type Arguments<Name extends MarketEvent["eventName"]> = Extract<
  MarketEvent,
  { eventName: Name }
>["args"];

async function placeOrder(
  db: Knex,
  order: Arguments<"OrderPlaced">,
  position: number,
): Promise<void> {
  const { interval } = order;
  // The rules of an interval are those of its first order, as the contract has it.
  const row = { interval, balancing: await balancingNow(db) };
  await db("market_intervals").insert(row).onConflict("interval").ignore();
  await merge(db, "market_orders", ["id"], {
    ...{ position, interval, state: "open", filled_wh: null },
    id: bytes(order.id),
    owner: bytes(order.owner),
    meter: bytes(order.meter),
    client_id: bytes(order.clientId),
    is_buy: order.isBuy ? 1 : 0,
    quantity_wh: order.quantityWh,
    price: Number(order.price),
  });
}

async function balancingNow(db: Knex): Promise<Buffer> {
  const rules: { value: string } | undefined = await db("meta").where({ name: RULES_META }).first();
  return rules === undefined ? Buffer.alloc(0) : bytes(JSON.parse(rules.value).balancing);
}

async function clearInterval(db: Knex, args: Arguments<"IntervalCleared">): Promise<void> {
  await db("market_intervals")
    .where({ interval: args.interval })
    .update({
      price: Number(args.price),
      volume_wh: Number(args.volumeWh),
      demand_wh: Number(args.demandWh),
      supply_wh: Number(args.supplyWh),
    });
}

/** A meter's line of an interval is its newest; the owner's balance moves by the change. */
async function settle(db: Knex, args: Arguments<"Settled">, position: number): Promise<void> {
  const key = { interval: args.interval, meter: bytes(args.meter) };
  const known: { times: number } | undefined = await db("market_settlements").where(key).first();
  await merge(db, "market_settlements", ["interval", "meter"], {
    ...key,
    position,
    owner: bytes(args.owner),
    traded_wh: Number(args.tradedWh),
    metered_wh: Number(args.meteredWh),
    trade: String(args.tradeAmount),
    deviation: String(args.deviationAmount),
    state: settledStates[args.state] ?? "open",
    times: (known?.times ?? 0) + 1,
  });
  const row: { balancing: Buffer } | undefined = await db("market_intervals")
    .where({ interval: args.interval })
    .first();
  await move(db, bytes(args.owner), args.change);
  if (row !== undefined) await move(db, row.balancing, -args.change);
}

async function move(db: Knex, owner: Buffer, change: bigint): Promise<void> {
  const known: { balance: string; settlements: number } | undefined = await db("market_balances")
    .where({ owner })
    .first();
  await merge(db, "market_balances", ["owner"], {
    owner,
    balance: String(BigInt(known?.balance ?? 0) + change),
    settlements: (known?.settlements ?? 0) + 1,
  });
}

async function merge(
  db: Knex,
  table: string,
  key: readonly string[],
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  await db(table)
    .insert(row)
    .onConflict([...key])
    .merge();
}

function rulesText({ version, rules, shortfall, surplus }: Arguments<"RulesDeclared">): string {
  return JSON.stringify({ version, ...rules, shortfall, surplus }, (_, value) =>
    typeof value === "bigint" ? Number(value) : value,
  );
}
