import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiError } from "@gridledger/protocol/api/client";
import { retryingFetch } from "@gridledger/protocol/api/retrying-fetch";
import { serverSentEvents } from "@gridledger/protocol/api/server-sent-events";
import { decodeContractCall } from "@gridledger/protocol/contracts/call";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { energyMarket } from "@gridledger/protocol/library/artifacts/energy-market";
import { encodePlaceOrder, orderId } from "@gridledger/protocol/market/calls";
import { type MarketNews, readMarketNews } from "@gridledger/protocol/market/market-news";
import { channelOf, TradingClient } from "@gridledger/protocol/market/trading-client";
import { encodeEventTopics, type Hex, keccak256, toHex } from "viem";
import { network, person, suite } from "../edge-node/support.ts";

const { chain } = network();
const app = person();
const ORDER = { clientId: "mine-1", meter: "M1", interval: 7, isBuy: true } as const;
const WANTED = { ...ORDER, quantityWh: 500, price: 40 };
const HASH = "ab".repeat(32);
const id = `0x${"1".repeat(64)}`;

type Answer = Response | Error;

const problem = (status: number, code: string, headers = {}) =>
  Response.json({ status, code, detail: code, title: code }, { status, headers });
const log = (height: number, index: number, topics: readonly string[], data = "0x") => ({
  ...{ height, index, transactionIndex: 0, address: "0x", topics: [...topics], data },
});
const stream = (...logs: readonly ReturnType<typeof log>[]) => {
  const text = logs.map((one) => {
    return `event: log\nid: ${one.height}.${one.index}\ndata: ${JSON.stringify(one)}\n\n`;
  });
  return new Response(`retry: 3000\n\n: still here\n\n${text.join("")}`);
};
const cancelled = (height: number, index: number, interval: number) => {
  const args = { interval, id: id as Hex, owner: `0x${"a".repeat(40)}` as Hex };
  const topics = encodeEventTopics({ abi: energyMarket.abi, eventName: "OrderCancelled", args });
  return log(height, index, topics as string[]);
};

/** A hub that gives these answers by path, the last one for ever. */
function hub(answers: Readonly<Record<string, readonly Answer[]>>) {
  const asked: { path: string; url: URL; body: string }[] = [];
  const pauses: number[] = [];
  const send = async (input: unknown, init: RequestInit = {}) => {
    const url = new URL(String(input));
    const path = url.pathname.replace("/api/v1", "");
    const list = answers[path] ?? [problem(404, "NOT_FOUND")];
    const times = asked.filter((one) => one.path === path).length;
    asked.push({ path, url, body: String(init.body ?? "") });
    const answer = list[Math.min(times, list.length - 1)]!;
    if (answer instanceof Error) throw answer;
    const { status, headers } = answer;
    return new Response(await answer.clone().text(), { status, headers });
  };
  const options = {
    ...{ baseUrl: "http://hub", fetch: send as typeof fetch },
    pause: async (ms: number) => {
      pauses.push(ms);
    },
  };
  return { asked, pauses, options, client: new TradingClient(options, chain, app.signer) };
}

const down = new TypeError("fetch failed");
const status = Response.json({ height: 12 });
const placed = (state: string) =>
  Response.json({ order: id, action: "place", hash: HASH, state, height: 13 });
const receipt = (outcome: string, reason: string | null = null) =>
  Response.json({ outcome, reason, height: 13 });
const receiptPath = `/transactions/${HASH}/receipt`;

async function taken(news: AsyncGenerator<MarketNews>, count: number): Promise<MarketNews[]> {
  const got: MarketNews[] = [];
  for await (const one of news) if (got.push(one) === count) break;
  return got;
}

describe("the client of a trading app", () => {
  it("sends the same signed bytes again until somebody answers, and waits as long as it is told", async () => {
    const { client, asked, pauses } = hub({
      "/status": [status],
      "/market/orders": [
        down,
        problem(429, "RATE_LIMITED", { "retry-after": "7" }),
        placed("final"),
      ],
      [receiptPath]: [problem(404, "NOT_FOUND"), receipt("success")],
    });
    assert.deepEqual(await client.place(WANTED), { order: id, transaction: HASH, height: 13 });
    assert.deepEqual(pauses, [250, 7_000, 250]);
    const sent = asked.filter(({ path }) => path === "/market/orders").map(({ body }) => body);
    assert.equal(sent.length, 3);
    assert.equal(new Set(sent).size, 1);
    const encoded = Buffer.from(JSON.parse(sent[0]!).transaction, "base64url");
    const { payload, sender } = decodeTransaction(suite, encoded);
    assert.equal(formatHex(decodeContractCall(payload).data), formatHex(encodePlaceOrder(WANTED)));
    assert.equal(formatHex(sender), formatHex(app.id));
  });

  it("gives up on a hub that stays busy, and asks nothing again that was refused", async () => {
    const busy = hub({ "/market": [problem(503, "NOT_READY")] });
    await assert.rejects(busy.client.market(), ApiError);
    assert.deepEqual(busy.pauses, [250, 500, 1_000, 2_000, 4_000]);
    const refused = hub({ "/market": [problem(403, "ROLE_REQUIRED")] });
    await assert.rejects(refused.client.market(), /ROLE_REQUIRED/);
    assert.equal(refused.asked.length, 1);
  });

  it("says by a code and in the contract's words why an order was not taken, and when it is not final", async () => {
    const of = (state: string) => ({ "/status": [status], "/market/orders": [placed(state)] });
    const late = hub({ ...of("final"), [receiptPath]: [receipt("reverted", "gate is closed")] });
    const why = { code: "ORDER_CLOSED", message: /gate is closed/ };
    await assert.rejects(late.client.place(WANTED), why);
    await assert.rejects(late.client.cancel("mine-1"), why);
    const other = hub({ ...of("final"), [receiptPath]: [receipt("out-of-gas")] });
    await assert.rejects(other.client.place(WANTED), { code: "ORDER_REFUSED" });
    const known = hub({ ...of("final"), "/market/orders": [problem(409, "ORDER_TAKEN")] });
    await assert.rejects(known.client.place(WANTED), { code: "ORDER_TAKEN" });
    const unknown = hub({ ...of("final"), "/market/orders": [problem(401, "SENDER_UNKNOWN")] });
    await assert.rejects(unknown.client.place(WANTED), ApiError);
    await assert.rejects(hub(of("spooled")).client.place(WANTED), { code: "NOT_READY" });
  });

  it("goes on with the market's news behind the last that it saw, nothing missed and nothing twice", async () => {
    const rules = log(3, 1, [`0x${"9".repeat(64)}`]);
    const { client, asked } = hub({
      "/contract-events": [
        stream(cancelled(3, 0, 5), rules),
        down,
        stream(),
        stream(cancelled(4, 2, 6), cancelled(9, 0, 7)),
      ],
    });
    const news = await taken(client.news("2.8"), 3);
    assert.deepEqual(
      news.map(({ place, fields }) => [place, fields.interval]),
      [
        ["3.0", 5],
        ["4.2", 6],
        ["9.0", 7],
      ],
    );
    const after = asked.map(({ url }) => url.searchParams.get("after"));
    assert.deepEqual(after, ["2.8", "3.1", "3.1", "3.1"]);
  });

  it("stops listening when it is told, and where the hub refuses", async () => {
    const ended = new AbortController();
    ended.abort();
    const quiet = hub({ "/contract-events": [stream()] });
    assert.deepEqual(await taken(quiet.client.news(undefined, ended.signal), 1), []);
    const { client } = hub({ "/contract-events": [problem(401, "NOT_SIGNED_IN")] });
    await assert.rejects(taken(client.news(), 1), ApiError);
  });

  it("reads every page of a list, its own orders by their names, and the channel", async () => {
    const page = (items: readonly number[], next: string | null) => Response.json({ items, next });
    const own = `0x${formatHex(orderId(Buffer.from(client0().address.slice(2), "hex"), "mine-1"))}`;
    const { client, asked, options } = hub({
      "/market/trades": [page([1, 2], "c"), page([3], null)],
      [`/market/orders/${own}`]: [Response.json({ id: own })],
      "/genesis": [Response.json({ encoded: Buffer.from(chain.encoded).toString("base64url") })],
    });
    const trades: unknown[] = [];
    for await (const trade of client.trades({ owner: client.address })) trades.push(trade);
    assert.deepEqual(trades, [1, 2, 3]);
    assert.equal(asked[1]?.url.searchParams.get("cursor"), "c");
    assert.equal((await client.order("mine-1")).id, own);
    assert.deepEqual((await channelOf(options)).chainId, chain.chainId);
  });

  it("knows every event of the market that is an order, a trade or a settlement", () => {
    for (const event of energyMarket.abi) {
      if (event.type !== "event" || event.name === "RulesDeclared") continue;
      const signature = `${event.name}(${event.inputs.map(({ type }) => type).join(",")})`;
      const word = `0x${"0".repeat(63)}1`;
      const topics = event.inputs.filter(({ indexed }) => indexed).map(() => word);
      const data = `0x${word.slice(2).repeat(event.inputs.length - topics.length)}`;
      const told = log(1, 2, [keccak256(toHex(signature)), ...topics], data);
      const news = readMarketNews(told);
      assert.equal(news?.name, event.name);
      assert.deepEqual(
        Object.keys(news?.fields ?? {}),
        event.inputs.map(({ name }) => name),
      );
      assert.equal(readMarketNews({ ...told, data: "0x" })?.name === event.name, data === "0x");
    }
    const minus = `0x${"f".repeat(64)}`;
    const settled = keccak256(
      toHex("Settled(uint32,bytes32,address,int64,int64,int128,int128,int128,uint8)"),
    );
    const data = `0x${minus.slice(2).repeat(5)}${"0".repeat(63)}2`;
    const news = readMarketNews(log(1, 0, [settled, id, id, id], data));
    if (news?.name !== "Settled") assert.fail("another event");
    assert.deepEqual([news.fields.tradedWh, news.fields.change, news.fields.state], [-1, -1n, 2]);
  });

  it("reads events whatever pieces they come in", async () => {
    const bytes = new TextEncoder().encode(
      "event: a\r\nid: 1\r\ndata: x\r\ndata: y\r\n\r\ndata:z\n\n",
    );
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const events = [];
    for await (const event of serverSentEvents(body)) events.push(event);
    assert.deepEqual(events, [
      { name: "a", id: "1", data: "x\ny" },
      { name: "message", id: undefined, data: "z" },
    ]);
  });

  it("waits until a date that it is given, and half a minute at most", async () => {
    const pauses: number[] = [];
    const answers = [
      problem(503, "NOT_READY", { "retry-after": new Date(Date.now() + 3.6e6).toUTCString() }),
      problem(429, "RATE_LIMITED", { "retry-after": "soon" }),
      Response.json({}),
    ];
    const ask = retryingFetch({
      fetch: async () => answers.shift()!,
      pause: async (ms) => {
        pauses.push(ms);
      },
    });
    assert.equal((await ask("http://hub")).status, 200);
    assert.deepEqual(pauses, [30_000, 500]);
  });
});

function client0(): TradingClient {
  return hub({}).client;
}
