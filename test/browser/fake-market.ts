import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { RouteName } from "@gridledger/protocol/api/paths";

const INTERVAL_MS = 60_000;
const address = (digit: string) => `0x${digit.repeat(40)}`;
const seller = { address: address("1"), name: "wind-cooperative" };
const buyer = { address: address("2"), name: null };
const balancing = { address: address("3"), name: "operator" };
const current = Math.floor(Date.now() / INTERVAL_MS);

const intervals: RouteAnswer<"marketIntervals">["items"] = [1, 0, -1, -2].map((ahead, at) => ({
  interval: current + ahead,
  startMs: (current + ahead) * INTERVAL_MS,
  endMs: (current + ahead + 1) * INTERVAL_MS,
  phase: ahead === 1 ? "open" : ahead === 0 ? "cleared" : "settled",
  price: ahead === 1 ? null : 5_200 - 100 * at,
  volumeWh: ahead === 1 ? 0 : 96 + at,
  demandWh: ahead === 1 ? 0 : 204,
  supplyWh: ahead === 1 ? 0 : 102,
  ...{ orders: 10, meters: 2, settled: ahead < 0 ? 2 : 0 },
}));

const line = {
  ...{ interval: current - 1, meter: { id: `0x${"4".repeat(64)}`, name: "E0034006824910117" } },
  ...{ tradedWh: -96, meteredWh: -93, trade: "470", deviation: "-18", amount: "452" },
  ...{ state: "measured", times: 1, height: 128 },
} as const;

/** What the hub says of a market with one interval settled. */
export const fakeMarket: Partial<Record<RouteName, () => unknown>> = {
  market: (): RouteAnswer<"market"> => ({
    ...{ address: address("0"), intervalMs: INTERVAL_MS, current },
    rules: {
      ...{ version: 0, tick: 100, ticks: 100, maxOrders: 8, maxQuantityWh: 1_000_000 },
      ...{ gateMs: 5_000, horizon: 2, deadlineMs: 120_000, keptMs: 10_800_000 },
      ...{ utcOffsetMinutes: 480, balancing },
      shortfall: [{ fromMinute: 0, price: 9_500 }],
      surplus: [{ fromMinute: 0, price: 1_000 }],
    },
  }),
  marketIntervals: () => ({ items: intervals, next: null }),
  marketSettlements: () => ({
    items: [
      { ...line, owner: seller },
      { ...line, owner: buyer, meter: { id: `0x${"5".repeat(64)}`, name: null }, times: 2 },
    ],
    next: null,
  }),
  marketParticipants: () => ({
    items: [
      { ...seller, balance: "452", settlements: 1 },
      { ...buyer, balance: "-586", settlements: 2 },
      { ...balancing, balance: "134", settlements: 3 },
    ],
  }),
};
