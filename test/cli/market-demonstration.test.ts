import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiClient } from "@gridledger/protocol/api/client";
import {
  demonstrationRules,
  shortfallTariff,
  surplusTariff,
  TICK,
  TICKS,
} from "../../hub/src/cli/market/demonstration-rules.ts";
import { demonstrationTraders } from "../../hub/src/cli/market/demonstration-traders.ts";
import { forecastWh, priceOf } from "../../hub/src/cli/market/forecast.ts";
import { MarketRig } from "../contracts/market-rig.ts";

/** A hub whose meters counted these Wh in half a minute. */
function hub(counted: Readonly<Record<string, number>>): ApiClient {
  const reading = (timeMs: number, value: number) => ({ timeMs, unit: "Wh", scaler: 0, value });
  return new ApiClient({
    baseUrl: "http://hub",
    fetch: async (url) => {
      const wh = counted[new URL(String(url)).searchParams.get("obis") ?? ""];
      const items = wh === undefined ? [] : [reading(0, 500), reading(30_000, 500 + wh)];
      return Response.json({ items, next: null });
    },
  });
}

describe("the market of the demonstration", () => {
  it("expects of the next interval what the last minute was: taken less given", async () => {
    const [house] = demonstrationTraders;
    const client = hub({ "1-0:1.8.2": 20, "1-0:2.8.1": 5 });
    assert.equal(await forecastWh(client, house!, 60_000), 30);
    assert.equal(await forecastWh(hub({ "1-0:2.8.1": 4 }), house!, 60_000), -8);
    assert.equal(await forecastWh(hub({}), house!, 60_000), 0);
  });

  it("bids and asks in ticks, the same again for the same interval", () => {
    for (let interval = 0; interval < 200; interval++) {
      for (const { name } of demonstrationTraders) {
        const price = priceOf(name, interval, interval % 2 === 0, interval % 3);
        assert.equal(price % TICK, 0);
        assert.ok(price > 0 && price < TICK * TICKS);
        assert.equal(price, priceOf(name, interval, interval % 2 === 0, interval % 3));
      }
    }
  });

  it("declares rules that the contract takes", () => {
    const market = new MarketRig(0);
    const rules = demonstrationRules(market.address(market.operator));
    const args = [rules, shortfallTariff, surplusTariff];
    assert.equal(market.why(market.send("declareRules", args, market.operator)), undefined);
    assert.equal(market.view("currentRules", []).ticks, TICKS);
  });
});
