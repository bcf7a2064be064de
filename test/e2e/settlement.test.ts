import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { addressOf, formatAddress } from "@gridledger/protocol/contracts/address";
import { international as suite } from "@gridledger/protocol/crypto/international";
import { encodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { shippedContracts } from "@gridledger/protocol/library/shipped";
import { channelOf, TradingClient } from "@gridledger/protocol/market/trading-client";
import type { Hex } from "viem";
import { homeAt } from "../../hub/src/cli/network/home.ts";
import { provision } from "../../hub/src/cli/network/provision.ts";
import { resolveSettings } from "../../hub/src/cli/network/settings.ts";
import { runCli } from "../cli/run-cli.ts";
import { MarketOperator } from "./market-operator.ts";
import { freePort, RunningNetwork, until } from "./running-network.ts";

/** The shortest that a genesis may say, so that a test sees one pass. */
const INTERVAL_MS = 10_000;
const GATE_MS = 1_000;
const DEADLINE_MS = 3_000;
/** Orders of three traders are final sooner, also on a machine that does other work. */
const ORDERING_MS = 7_000;
/** Blocks count whole seconds. */
const BLOCK_MS = 1_200;
const BALANCING: Hex = `0x${"b".repeat(40)}`;
const [TAKEN, GIVEN] = ["1-0:1.8.0", "1-0:2.8.0"];

describe("an interval of a network that runs", () => {
  const folder = mkdtempSync(join(tmpdir(), "gl-settlement-"));
  const home = homeAt(join(folder, "home"));
  const key = (name: string) => join(folder, `${name}.pem`);
  const correction = join(folder, "correction.json");
  const clients = new Map<string, TradingClient>();
  let network: RunningNetwork;
  let operator: MarketOperator;
  let interval = 0;

  const gridledger = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli([...args, "--home", home.root, "--json"]);
    return { code, stderr, json: code === 0 ? JSON.parse(stdout) : undefined };
  };
  const done = async (...args: string[]) => {
    const { code, stderr, json } = await gridledger(...args);
    assert.equal(code, 0, stderr);
    return json;
  };
  const settle = (...more: string[]) =>
    done("market", "settle", String(interval), "--key", key("buyer"), ...more);
  const endMs = () => (interval + 1) * INTERVAL_MS;
  const passed = (timeMs: number) => sleep(Math.max(0, timeMs + BLOCK_MS - Date.now()));

  /** What a meter's device says of the interval: its counters at these borders. */
  const deliver = async (
    meter: string,
    counters: readonly (readonly [number, number, number])[],
  ) => {
    const file = join(folder, `${meter}.json`);
    const register = (obis: string, values: readonly number[]) => {
      return { obis, unit: "Wh", scaler: 0, values };
    };
    const timesMs = counters.map(([timeMs]) => timeMs);
    const taken = register(
      TAKEN,
      counters.map(([, wh]) => wh),
    );
    const given = register(
      GIVEN,
      counters.map(([, , wh]) => wh),
    );
    writeFileSync(file, JSON.stringify({ meter, timesMs, registers: [taken, given] }));
    await done("submit", file, "--key", key("device"), "--wait");
  };
  /** What everybody has, when the hub has heard of it. */
  const balances = (expected: Readonly<Record<string, string>>) =>
    until(
      `balances ${JSON.stringify(expected)}`,
      async () => {
        const { items } = await network.api.call("marketParticipants");
        const total = items.reduce((sum, { balance }) => sum + BigInt(balance), 0n);
        assert.equal(total, 0n);
        return Object.entries(expected).every(([name, balance]) => {
          const address = name === "balancing" ? BALANCING : clients.get(name)?.address;
          return items.some((one) => one.address === address && one.balance === balance);
        });
      },
      20_000,
    );

  before(async () => {
    mkdirSync(home.root);
    const ports = { httpPort: await freePort(), mqttPort: await freePort() };
    const { chain } = provision(home, resolveSettings(home, ports));
    const contracts = shippedContracts(INTERVAL_MS);
    writeFileSync(home.genesis, encodeGenesis({ ...chain.genesis, contracts }));
    network = new RunningNetwork({ home: home.root, args: ["--no-bridge"] });
    await network.ready();
    operator = new MarketOperator(network);
    await operator.declare({ gateMs: GATE_MS, deadlineMs: DEADLINE_MS, balancing: BALANCING });
    await operator.enrol("device", key("device"), "device");
    const hub = { baseUrl: network.url };
    const channel = await channelOf(hub);
    for (const name of ["buyer", "idle", "gap"]) {
      const publicKey = await operator.enrol("application", key(name), name);
      const owner = formatAddress(addressOf(suite.hash, publicKey)) as Hex;
      await operator.register(`M-${name}`, owner);
      const pem = createPrivateKey(readFileSync(key(name)));
      const signer = suite.signer(pem.export({ format: "der", type: "pkcs8" }));
      clients.set(name, new TradingClient(hub, channel, signer));
    }
  });
  after(async () => {
    await network?.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is ordered for, and refuses by a code what comes too late or too early", async () => {
    const ready = Date.now() + GATE_MS + ORDERING_MS;
    interval = Math.ceil(ready / INTERVAL_MS);
    const place = (name: string, isBuy: boolean, quantityWh: number, at = interval) => {
      const order = { clientId: `${name}-${at}`, meter: `M-${name}`, interval: at, isBuy };
      return clients.get(name)!.place({ ...order, quantityWh, price: isBuy ? 100 : 50 });
    };
    await Promise.all([
      place("buyer", true, 1_500),
      place("idle", false, 1_000),
      place("gap", false, 500),
    ]);
    await assert.rejects(place("buyer", true, 10, interval - 2), { code: "ORDER_CLOSED" });
    await assert.rejects(place("buyer", true, 10, interval + 99), { code: "ORDER_AHEAD" });
    await assert.rejects(place("buyer", true, 11), { code: "ORDER_TAKEN" });
    const foreign = { clientId: "x", meter: "M-gap", interval, isBuy: true };
    const order = { ...foreign, quantityWh: 1, price: 50 };
    await assert.rejects(clients.get("buyer")!.place(order), { code: "ORDER_METER" });
    const early = await gridledger("market", "settle", String(interval), "--key", key("buyer"));
    assert.match(early.stderr, /INTERVAL_EARLY/);
  });

  it("is cleared when its gate has closed, and nothing is taken back then", async () => {
    await passed(interval * INTERVAL_MS - GATE_MS);
    assert.equal((await settle("--clear")).left, 0);
    const late = await gridledger(
      ...["market", "order", "--cancel", `buyer-${interval}`, "--key", key("buyer")],
    );
    assert.match(late.stderr, /ORDER_CLOSED/);
    const trades = await until(
      "three trades",
      async () => {
        const { items } = await network.api.call("marketTrades", { query: { interval } });
        return items.length === 3 ? items : undefined;
      },
      10_000,
    );
    assert.deepEqual(new Set(trades.map(({ clearedPrice }) => clearedPrice)), new Set([70]));
  });

  it("is settled from readings when it is over: who delivers nothing pays, who has a gap waits", async () => {
    await passed(endMs());
    const startMs = interval * INTERVAL_MS;
    await deliver("M-buyer", [
      [startMs, 5_000, 0],
      [endMs(), 6_500, 0],
    ]);
    await deliver("M-idle", [
      [startMs, 100, 40],
      [endMs(), 100, 40],
    ]);
    await deliver("M-gap", [[startMs, 0, 900]]);
    await settle();
    await balances({ buyer: "-105", idle: "-330" });
    await passed(endMs() + DEADLINE_MS);
    assert.equal((await settle()).left, 0);
    await balances({ buyer: "-105", idle: "-330", gap: "-165", balancing: "600" });
    const { json } = await gridledger("market", "statement", "--key", key("gap"));
    assert.equal(json.balance, "-165");
    assert.deepEqual(
      json.items.map(({ tradedWh, state }: Record<string, unknown>) => [tradedWh, state]),
      [[-500, "incomplete"]],
    );
  });

  it("is settled again where the missing reading comes, and nowhere else", async () => {
    await deliver("M-gap", [[endMs(), 0, 1_400]]);
    await settle();
    await balances({ buyer: "-105", idle: "-330", gap: "35", balancing: "400" });
    const again = await settle();
    assert.deepEqual([again.events, again.left], [0, 0]);
  });

  it("is settled again by a correction, which a second key has agreed to", async () => {
    const at = [`${endMs()}`, "--register", GIVEN, "--value", "1040"];
    const why = ["--reason", "manual-reading", "--words", "read on site"];
    const made = await done("correction", "make", "M-idle", ...at, ...why, "-o", correction);
    assert.equal(made.number, 1);
    const agree = (by: string) => done("correction", "agree", correction, "--key", by);
    const send = () => gridledger("correction", "submit", correction, "--key", operator.page);
    assert.match((await send()).stderr, /CORRECTION_RIGHT/, "nobody has agreed");
    await agree(operator.page);
    assert.match((await send()).stderr, /CORRECTION_RIGHT/, "the same key is nobody else");
    await agree(key("buyer"));
    assert.match((await send()).stderr, /CORRECTION_RIGHT/, "an application may not agree");
    await agree(key("device"));
    const sent = await send();
    assert.equal(sent.code, 0, sent.stderr);
    const { items } = await done("correction", "list", "M-idle");
    assert.deepEqual(
      items.map((one: Record<string, unknown>) => [one.number, one.senderName, one.agreedByName]),
      [[1, "operator", "device"]],
    );
    assert.deepEqual(items[0].values[0].new, { status: "corrected", value: 1_040 });
    await settle();
    await balances({ buyer: "-105", idle: "70", gap: "35", balancing: "0" });
  });
});
