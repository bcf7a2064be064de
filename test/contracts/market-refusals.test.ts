import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { Receipt } from "@gridledger/protocol/contracts/receipt";
import { faultTable } from "@gridledger/protocol/faults";
import { isMarketRefusal, marketRefusal } from "@gridledger/protocol/market/refusals";
import { OrderJudge } from "../../hub/src/market/order-judge.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { INTERVAL, MarketRig, RULES, type Wanted } from "./market-rig.ts";

const sources = ["MarketOrders", "MarketClearing", "MarketSettlement", "EnergyMarket"];
const sourceOf = (name: string): string =>
  readFileSync(
    fileURLToPath(new URL(`../../protocol/contracts/${name}.sol`, import.meta.url)),
    "utf8",
  );
const request = { from: new Uint8Array(20), to: new Uint8Array(20), data: new Uint8Array(0) };
const HASH = new Uint8Array(32);

/** A judge of a channel of so many validators, who foresee this, one after the other. */
function judgeOf(foreseen: readonly Receipt[], validators = 1) {
  const asked = { count: 0 };
  const final = { receipts: [] as Uint8Array[], tell: () => undefined as unknown };
  const clock = new ManualClock();
  const judge = new OrderJudge({
    clock,
    index: {
      contracts: {
        async *calls() {
          for (const receipt of foreseen) {
            asked.count++;
            yield receipt;
          }
        },
        onLogs: (listener) => {
          final.tell = () => listener(1);
          return () => true;
        },
        queries: { receiptsOf: async () => final.receipts },
      },
      transactions: { byHash: async () => ({ height: 1, index: 0 }) as never },
      sets: { latest: { validators: Array.from({ length: validators }) } },
    },
  });
  const codeOf = async (): Promise<string | undefined> => {
    try {
      await judge.foresee({ ...request, gasLimit: 1 });
      return undefined;
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  };
  return { judge, asked, clock, final, codeOf };
}

describe("what the market refuses", () => {
  it("has a code of its own for every word of the contract that an order or an interval can meet", () => {
    const said = sources.flatMap((name) =>
      [...sourceOf(name).matchAll(/require\([^;]*?, "([^"]+)"\)/g)].map(([, words]) => words!),
    );
    assert.ok(said.length > 20);
    for (const reason of said) {
      if (reason.startsWith("rules: ") || reason === "clear at least one order") continue;
      const refusal = marketRefusal({ outcome: "reverted", reason });
      assert.notEqual(refusal?.code, "ORDER_REFUSED", reason);
      assert.equal(refusal?.message, reason);
      assert.ok(isMarketRefusal(refusal!.code) && faultTable[refusal!.code]);
    }
    assert.equal(marketRefusal({ outcome: "out-of-gas" })?.code, "ORDER_REFUSED");
    assert.equal(marketRefusal({ outcome: "success", reason: null }), undefined);
    assert.equal(isMarketRefusal("NOT_FOUND"), false);
  });

  it("tells each bad order by the same code before it is sent and when its block is final", async () => {
    const market = new MarketRig(2);
    const [alice, bob] = market.people;
    const told = async (code: string | undefined, receipt: Receipt) => {
      assert.equal(await judgeOf([receipt]).codeOf(), code);
      assert.equal(
        marketRefusal({ outcome: receipt.outcome, reason: market.why(receipt) })?.code,
        code,
      );
    };
    const order = (code: string | undefined, wanted: Wanted, who = alice!) =>
      told(code, market.order(who, wanted));
    await order("MARKET_UNOPENED", {});
    await told("MARKET_RIGHT", market.open({}, alice!));
    market.open();
    for (const quantityWh of [0n, -1n, 1_000_001n, (1n << 255n) - 1n, -(1n << 255n)]) {
      await order("ORDER_QUANTITY", { quantityWh });
    }
    for (const price of [-10n, 15n, 320n, (1n << 255n) - 8n, -(1n << 255n)]) {
      await order("ORDER_PRICE", { price });
    }
    await order("ORDER_CLOSED", { interval: INTERVAL - 2 });
    await order("ORDER_CLOSED", { interval: 0 });
    await order("ORDER_AHEAD", { interval: INTERVAL + 9 });
    await order("ORDER_AHEAD", { interval: 4_294_967_295 });
    await order("ORDER_METER", {}, bob);
    await order("ORDER_METER", { meter: market.meterId(77) });
    for (const clientId of [1, 2, 3, 4]) await order(undefined, { clientId });
    await order("ORDER_LIMIT", { clientId: 5 });
    await order(undefined, {});
    await order("ORDER_TAKEN", { quantityWh: 7n });
    const id = (number: number) => `0x${number.toString(16).padStart(64, "0")}`;
    const cancel = (number: number) => market.send("cancelOrder", [id(number)], alice);
    await told("ORDER_UNKNOWN", cancel(9));
    await told("INTERVAL_EARLY", market.send("clear", [INTERVAL, 9n]));
    await told("INTERVAL_EMPTY", market.send("clear", [INTERVAL + 1, 9n]));
    await told("INTERVAL_EARLY", market.send("settle", [INTERVAL, 0n, 9n]));
    market.toGate();
    await told("ORDER_CLOSED", cancel(1));
    await order("ORDER_CLOSED", { clientId: 6 });
    await told(undefined, market.send("clear", [INTERVAL, 9n]));
    await told("INTERVAL_EARLY", market.send("settle", [INTERVAL, 0n, 9n]));
    await told("INTERVAL_EARLY", market.send("forget", [INTERVAL, 9n]));
    await told("ORDER_CLOSED", cancel(2));
    market.toEnd(Number(RULES.keptMs));
    await told("INTERVAL_CLOSED", market.send("settle", [INTERVAL, 0n, 9n]));
  });

  it("is foreseen only where more validators say so than may lie", async () => {
    const market = new MarketRig(1);
    const refused = market.order(market.people[0]!, {});
    market.open();
    const taken = market.order(market.people[0]!, {});
    const one = judgeOf([refused, taken, refused], 4);
    assert.equal(await one.codeOf(), undefined, "one of four may lie");
    assert.equal(one.asked.count, 2);
    const two = judgeOf([refused, refused, taken], 4);
    assert.equal(await two.codeOf(), "MARKET_UNOPENED");
    assert.equal(two.asked.count, 2);
    assert.equal(await judgeOf([refused], 4).codeOf(), undefined, "the others are silent");
    assert.equal(await judgeOf([], 4).codeOf(), undefined);
  });

  it("waits for the receipt of a final order, and not for ever", async () => {
    const market = new MarketRig(0);
    market.order(market.operator, {});
    const [refused] = market.rig.last.receipts;
    const late = judgeOf([]);
    const concluded = late.judge.conclude(HASH);
    await new Promise((resolve) => setImmediate(resolve));
    late.final.receipts = [refused!];
    late.final.tell();
    await assert.rejects(concluded, { code: "MARKET_UNOPENED" });
    const never = judgeOf([]);
    const open = never.judge.conclude(HASH);
    await new Promise((resolve) => setImmediate(resolve));
    never.clock.advance(3_000);
    await open;
  });
});
