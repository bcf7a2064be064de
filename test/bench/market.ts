import type { Receipt } from "@gridledger/protocol/contracts/receipt";
import { INTERVAL, MarketRig, RULES } from "../contracts/market-rig.ts";
import { type Figure, figure } from "./figure.ts";

const METERS = 60;
const ORDERS_A_METER = 4;
const ORDERS = METERS * ORDERS_A_METER;
const ORDERS_A_BLOCK = 15;
const ORDERS_A_CLEAR = 60;
const METERS_A_SETTLE = 20;

/** Seconds of CPU that the work took: the machine may be busy with others. */
function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** One core, in process: every order signed, verified and executed in blocks, roots included. */
export function measureMarket(): Promise<readonly Figure[]> {
  const market = new MarketRig(METERS);
  market.open();
  const { rig } = market;
  const calls = Array.from({ length: ORDERS }, (_, at) => {
    const meter = at % METERS;
    const isBuy = meter % 2 === 0;
    const wanted = {
      ...{ clientId: at, meter: market.meterId(meter), isBuy },
      quantityWh: BigInt(100 + ((at * 37) % 900)),
      price: BigInt((at * 7) % RULES.ticks) * RULES.tick,
    };
    return rig.call(
      market.people[meter]!,
      market.market.address,
      market.orderData(wanted),
      500_000,
    );
  });
  let gas = 0;
  const counted = (receipts: readonly Receipt[]) => {
    for (const { outcome, gasUsed } of receipts) {
      if (outcome !== "success") throw new Error(outcome);
      gas += gasUsed;
    }
  };
  const placing = cpuSeconds(() => {
    for (let at = 0; at < calls.length; at += ORDERS_A_BLOCK) {
      counted(rig.block(calls.slice(at, at + ORDERS_A_BLOCK), market.nowMs));
      void rig.tree.root;
    }
  });
  const placeGas = gas / ORDERS;
  gas = 0;
  market.toGate();
  const clearing = cpuSeconds(() => {
    for (let at = 0; at < ORDERS; at += ORDERS_A_CLEAR) {
      counted([market.send("clear", [INTERVAL, BigInt(ORDERS_A_CLEAR)])]);
      void rig.tree.root;
    }
  });
  const clearGas = gas / ORDERS;
  gas = 0;
  market.toEnd();
  for (let at = 0; at < METERS; at++) market.read(at, at % 2 === 0 ? 700 : -700);
  const settling = cpuSeconds(() => {
    for (let at = 0; at < METERS; at += METERS_A_SETTLE) {
      counted([market.send("settle", [INTERVAL, BigInt(at), BigInt(METERS_A_SETTLE)])]);
      void rig.tree.root;
    }
  });
  return Promise.resolve([
    figure("market_orders_placed_per_s", ORDERS / placing, "orders/s"),
    figure("market_orders_cleared_per_s", ORDERS / clearing, "orders/s"),
    figure("market_meters_settled_per_s", METERS / settling, "meters/s"),
    figure("market_gas_per_order", placeGas, "gas"),
    figure("market_gas_per_clearing", clearGas, "gas/order"),
    figure("market_gas_per_settlement", gas / METERS, "gas/meter"),
  ]);
}
