import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { addressOf, formatAddress } from "@gridledger/protocol/contracts/address";
import type { Receipt } from "@gridledger/protocol/contracts/receipt";
import { formatHex } from "@gridledger/protocol/hex";
import { soleRing } from "@gridledger/protocol/keys/key-ring";
import { orderId } from "@gridledger/protocol/market/calls";
import {
  signCancellation,
  signMarketCall,
  signOrder,
} from "@gridledger/protocol/market/sign-order";
import { positionOf } from "../../hub/src/index/position.ts";
import { CorrectedIntervals } from "../../hub/src/market/corrected-intervals.ts";
import { MarketAgent } from "../../hub/src/market/market-agent.ts";
import { MarketFollower } from "../../hub/src/market/market-follower.ts";
import { MarketQueries } from "../../hub/src/market/market-queries.ts";
import { INTERVAL, INTERVAL_MS, MarketRig, RULES } from "../contracts/market-rig.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { call } from "./call.ts";
import { type Rig, startRig, until } from "./rig.ts";

type Json = ReturnType<typeof JSON.parse>;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe("the market at the REST door", () => {
  const builder = new ChainBuilder();
  const market = new MarketRig(2);
  let rig: Rig;
  let follower: MarketFollower;
  let height = 0;

  /** The logs as the hub's receipt follower would have written them. */
  const told = async (...receipts: readonly Receipt[]) => {
    height++;
    const logs = receipts.flatMap((receipt) => receipt.logs);
    await rig.store.transaction(async (db) => {
      for (const [i, { address, topics, data }] of logs.entries()) {
        await db("logs").insert({
          ...{ position: positionOf(height, i), tx_index: 0, address: Buffer.from(address) },
          ...{ topic: Buffer.from(topics[0]!), topics: Buffer.concat(topics) },
          data: Buffer.from(data),
        });
      }
    });
    follower.wake();
  };
  const get = async (path: string): Promise<Json> =>
    (await call(rig, `/api/v1/market${path}`)).json;
  const post = async (transaction: Uint8Array) => {
    const body = { transaction: Buffer.from(transaction).toString("base64url") };
    const { status, json } = await call(rig, "/api/v1/market/orders", { body });
    return { status, body: json };
  };

  before(async () => {
    rig = await startRig(builder);
    const contracts = {
      onLogs: () => () => true,
      queries: rig.index.contracts.queries,
    };
    follower = new MarketFollower({ store: rig.store, contracts, log: silent });
    follower.start();
    const [alice, bob] = market.people;
    await told(market.register(0, market.address(alice!)), market.open());
    const meter = market.meterId(1);
    await told(
      market.order(alice!, { quantityWh: 1_000n, price: 100n }),
      market.order(bob!, { meter, isBuy: false, quantityWh: 600n, price: 50n }),
      market.order(bob!, { meter, clientId: 2, isBuy: false, quantityWh: 300n, price: 310n }),
    );
  });
  after(async () => {
    await follower.stop();
    await rig.stop();
    rmSync(rig.directoryPath, { recursive: true, force: true });
  });

  const seen = async (path: string, isThere: (answer: Json) => boolean) => {
    const giveUpMs = Date.now() + 5_000;
    for (;;) {
      const answer = await get(path);
      if (isThere(answer)) return answer;
      if (Date.now() > giveUpMs) assert.fail(`never on ${path}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it("tells rules, orders and the book while the gate is open", async () => {
    const orders = await seen("/orders", ({ items }) => items.length === 3);
    assert.deepEqual(
      orders.items.map((o: { side: string }) => o.side),
      ["sell", "sell", "buy"],
    );
    assert.equal(orders.items[2].meter.name, "meter-0");
    const { levels } = await get(`/intervals/${INTERVAL}/book`);
    assert.deepEqual(levels, [
      { price: 50, buyWh: 0, sellWh: 600 },
      { price: 100, buyWh: 1_000, sellWh: 0 },
      { price: 310, buyWh: 0, sellWh: 300 },
    ]);
    const { rules } = await get("");
    assert.equal(rules.ticks, RULES.ticks);
    assert.deepEqual(rules.shortfall, [{ fromMinute: 0, price: 400 }]);
    const [first] = (await get("/intervals")).items;
    assert.deepEqual([first.phase, first.price, first.orders, first.meters], ["open", null, 3, 2]);
  });

  it("tells price, trades, settlements and balances that sum to zero", async () => {
    market.toGate();
    await told(market.send("clear", [INTERVAL, 9n]));
    const { items: trades } = await seen("/trades", ({ items }) => items.length === 2);
    assert.deepEqual(
      trades.map((trade: { filledWh: number }) => trade.filledWh),
      [600, 600],
    );
    market.toEnd();
    market.read(0, 590);
    market.read(1, -600);
    await told(market.send("settle", [INTERVAL, 0n, 9n]));
    const owner = market.address(market.people[0]!);
    const mine = await seen(`/settlements?owner=${owner}`, ({ items }) => items.length === 1);
    const [line] = mine.items;
    assert.deepEqual([line.tradedWh, line.meteredWh, line.state], [600, 590, "measured"]);
    assert.equal(BigInt(line.amount), market.balance(market.people[0]!));
    const { items } = await get("/participants");
    const balances = items.map((each: { balance: string }) => BigInt(each.balance));
    assert.equal(balances.length, 3);
    assert.equal(
      balances.reduce((sum: bigint, each: bigint) => sum + each, 0n),
      0n,
    );
    assert.equal((await get("/intervals")).items[0].phase, "settled");
    assert.equal((await get("/orders?limit=2")).items.length, 2);
    assert.equal(
      (await get(`/orders?limit=2&cursor=${(await get("/orders?limit=2")).next}`)).items.length,
      1,
    );
  });

  it("takes a signed order, the same twice as one, and signs nothing itself", async () => {
    const [device] = builder.devices;
    const trader = {
      ...{ chain: builder.chain, signer: device!.signer, height: 0 },
      nonce: Uint8Array.of(1),
    };
    const wanted = { clientId: "a-1", meter: "meter-0", interval: 5, isBuy: true };
    const order = signOrder(trader, { ...wanted, quantityWh: 10, price: 50 });
    const first = await post(order);
    const owner = addressOf(builder.chain.suite.hash, device!.signer.publicKey);
    assert.equal(first.status, 202);
    assert.equal(first.body.order, `0x${formatHex(orderId(owner, "a-1"))}`);
    assert.deepEqual((await post(order)).body, first.body);
    const cancelled = await post(signCancellation({ ...trader, nonce: Uint8Array.of(2) }, "a-1"));
    assert.deepEqual([cancelled.body.action, cancelled.body.order], ["cancel", first.body.order]);
    assert.equal((await post(Uint8Array.of(1, 2, 3))).status, 400);
    assert.equal((await post(signMarketCall(trader, Uint8Array.of(1, 2, 3, 4)))).status, 400);
    assert.throws(() => signOrder(trader, { ...wanted, quantityWh: 0.5, price: 1 }), /whole/);
    assert.equal((await get(`/orders/0x${"1".repeat(64)}`)).code, "NOT_FOUND");
    assert.equal(formatAddress(owner).length, 42);
  });

  it("refuses with the code of the market's word what the validators foresee, and spools nothing of it", async (t) => {
    const [device] = builder.devices;
    const late = market.order(market.people[1]!, { clientId: 8, interval: INTERVAL - 2 });
    const asked: { from: Uint8Array; data: Uint8Array }[] = [];
    const { contracts } = rig.index;
    t.mock.method(contracts, "calls", async function* (request: (typeof asked)[number]) {
      for (let left = 4; left > 0; left--) {
        asked.push(request);
        yield late;
      }
    });
    const trader = { chain: builder.chain, signer: device!.signer, height: 0 };
    const wanted = { clientId: "b-1", meter: "meter-0", interval: 5, isBuy: true };
    const order = { ...wanted, quantityWh: 10, price: 50 };
    const spooled = rig.outbox.size;
    const { status, body } = await post(signOrder({ ...trader, nonce: Uint8Array.of(3) }, order));
    assert.deepEqual([status, body.code, body.detail], [409, "ORDER_CLOSED", "gate is closed"]);
    assert.equal(rig.outbox.size, spooled);
    assert.equal(asked.length, 2, "one of four may lie");
    const owner = addressOf(builder.chain.suite.hash, device!.signer.publicKey);
    assert.deepEqual(asked[0]?.from, owner);
    const stranger = { ...trader, signer: market.people[0]!.signer, nonce: Uint8Array.of(4) };
    assert.equal((await post(signOrder(stranger, order))).body.code, "SENDER_UNKNOWN");
    assert.equal(asked.length, 2, "a stranger's order is not even asked about");
  });

  it("is carried on by the operator's agent: clear after the gate, settle after the end", async () => {
    const next = INTERVAL + 1;
    const clock = new ManualClock(next * INTERVAL_MS - RULES.gateMs - 1_000);
    const sent: Uint8Array[] = [];
    market.nowMs = INTERVAL * INTERVAL_MS;
    await told(market.order(market.people[0]!, { clientId: 7, interval: next }));
    await seen("/orders", ({ items }) => items.length === 4);
    const agent = new MarketAgent({
      chain: market.rig.chain,
      keys: soleRing(market.rig.chain.suite, market.operator.signer),
      ...{ clock, log: silent },
      queries: new MarketQueries(rig.store),
      headHeight: () => 0,
      corrected: { since: async () => [] },
      submit: async (encoded) => {
        sent.push(encoded);
      },
    });
    agent.start();
    const passTo = async (timeMs: number) => {
      while (clock.now() < timeMs) {
        clock.advance(500);
        await new Promise((resolve) => setTimeout(resolve, 4));
      }
    };
    await passTo(next * INTERVAL_MS - RULES.gateMs + 500);
    assert.equal(sent.length, 0, "the gate is open");
    await passTo(next * INTERVAL_MS);
    await until(() => sent.length === 1, "a call that clears");
    await agent.stop();
  });

  it("is settled again by the agent where a correction came after, and only then", async () => {
    const at = INTERVAL * INTERVAL_MS;
    const settled = positionOf(500, 1);
    const [seller, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const reading = (timeMs: number) => ({ timeMs, value: 1 });
    const line = { owner: Buffer.alloc(20), trade: "0", deviation: "0", times: 1 };
    const wh = { traded_wh: 0, metered_wh: 0, state: "measured" };
    await rig.store.transaction(async (db) => {
      await db("market_meters").insert([
        { id: seller, name: "corrected-1" },
        { id: other, name: "corrected-2" },
      ]);
      for (const [meter, interval] of [
        ...[-2, -1, 0, 1, 2].map((by) => [seller, INTERVAL + by] as const),
        [other, INTERVAL] as const,
      ]) {
        const position = settled;
        await db("market_settlements").insert({ ...line, ...wh, interval, meter, position });
      }
    });
    const record = (number: number, height: number) => ({
      ...{ meter: "corrected-1", number, position: positionOf(height, 0), sequence: 1 },
      ...{ hash: Buffer.alloc(32), content_hash: Buffer.alloc(32), sender: Buffer.alloc(10) },
      ...{ reason: "estimate", words: "x" },
    });
    const value = (number: number, time_ms: number) => ({
      ...{ meter: "corrected-1", time_ms, obis: "1-0:2.8.0", number, unit: "Wh", scaler: 0 },
      ...{ old_status: "original", old_value: 1, status: "corrected", value: 2 },
    });
    const intervals = new CorrectedIntervals({
      ...{ store: rig.store, intervalMs: INTERVAL_MS },
      corrections: { standing: async () => [] },
      readings: {
        page: async ({ order }) => {
          const timeMs = order === "asc" ? at + INTERVAL_MS : at - INTERVAL_MS;
          return { items: [reading(timeMs)] as never, next: null };
        },
      },
    });
    const insert = (number: number, height: number) =>
      rig.store.transaction(async (db) => {
        await db("corrections").insert(record(number, height));
        await db("corrected_values").insert(value(number, at));
      });
    await insert(1, 499);
    assert.deepEqual(await intervals.since(0), [], "it came before the settlement");
    await insert(2, 501);
    const found = (await intervals.since(0)).map(({ interval }) => interval - INTERVAL);
    assert.deepEqual(
      found.sort((a, b) => a - b),
      [-2, -1, 0, 1],
    );
    assert.deepEqual(await intervals.since(at + 1), [], "no longer kept");
  });
});
