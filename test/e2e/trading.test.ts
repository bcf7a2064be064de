import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { addressOf, formatAddress } from "@gridledger/protocol/contracts/address";
import { international as suite } from "@gridledger/protocol/crypto/international";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { buildClientPackage } from "../../hub/build/client-package.ts";
import { cleanEnvironment, runCli } from "../cli/run-cli.ts";
import { MarketOperator } from "./market-operator.ts";
import { freePort, RunningNetwork, until } from "./running-network.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
const WALLET = "11".repeat(32);
/** Until a gate closes that a test waits for: an order is placed before. */
const OPEN_MS = [5_000, 40_000];

describe("trading with a hub that runs", () => {
  const folder = mkdtempSync(join(tmpdir(), "gl-trading-"));
  const home = join(folder, "home");
  const key = join(folder, "app.pem");
  let network: RunningNetwork;
  let operator: MarketOperator;
  let owner: Hex;
  let interval = 0;

  const gridledger = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli([...args, "--home", home, "--json"]);
    return { code, stderr, json: code === 0 ? JSON.parse(stdout) : undefined };
  };
  const declare = (gateMs: number) =>
    operator.declare({ gateMs, deadlineMs: 120_000, balancing: owner });

  before(async () => {
    const ports = [
      "--http-port",
      String(await freePort()),
      "--mqtt-port",
      String(await freePort()),
    ];
    network = new RunningNetwork({ home, args: ["--no-bridge", ...ports] });
    operator = new MarketOperator(network);
    await network.ready();
    const publicKey = await operator.enrol("application", key, "app");
    owner = formatAddress(addressOf(suite.hash, publicKey)) as Hex;
    await operator.register("M1", owner);
    interval = (await network.api.call("market")).current + 2;
    await declare(1_000);
  });
  after(async () => {
    await network.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  it("the program of docs/market.md compiles against the client's package, and trades", async () => {
    const third = join(folder, "third");
    const modules = join(third, "node_modules");
    await buildClientPackage(join(modules, "@gridledger/client"));
    mkdirSync(join(modules, "@types"));
    for (const name of ["zod", "@types/node", "undici-types"]) {
      symlinkSync(join(root, "node_modules", name), join(modules, name));
    }
    const guide = readFileSync(join(root, "docs/market.md"), "utf8");
    const program = /```ts\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";
    writeFileSync(join(third, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(third, "trade.ts"), program);
    const strict = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023"];
    const types = ["--lib", "es2023", "--types", "node", "trade.ts"];
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    await run(process.execPath, [compiler, ...strict, ...types], { cwd: third });
    // It says no types of its own, so that it is JavaScript as it stands.
    cpSync(join(third, "trade.ts"), join(third, "trade.mjs"));
    const env = cleanEnvironment({ HUB_URL: network.url, KEY_FILE: key });
    const { stdout } = await run(process.execPath, ["trade.mjs"], { cwd: third, env });
    const [final, ...rest] = stdout.trim().split("\n");
    assert.match(final!, /^final in block \d+$/);
    assert.match(rest.join("\n"), /^\d+\.\d+ OrderPlaced$/m);
    assert.match(rest.at(-1)!, /^0, proven to block \d+$/);
  });

  it("every command of the market does what it says", async () => {
    const of = ["--interval", String(interval), "--key", key];
    const wanted = ["--meter", "M1", "--side", "sell", "--wh", "1500", "--price", "4200"];
    const placed = await gridledger("market", "order", ...of, ...wanted, "--id", "mine-2");
    assert.equal(placed.code, 0, placed.stderr);
    const other = await gridledger(
      "market",
      "order",
      ...of,
      ...wanted.with(-1, "50"),
      "--id",
      "mine-2",
    );
    assert.match(other.stderr, /ORDER_TAKEN.*client id is taken/);
    const book = await gridledger("market", "book", "--interval", String(interval));
    assert.deepEqual(book.json.levels, [{ price: 4_200, buyWh: 0, sellWh: 1_500 }]);
    const early = await gridledger("market", "settle", String(interval), "--key", key);
    assert.match(early.stderr, /INTERVAL_EARLY.*interval is not cleared/);
    const cancelled = await gridledger("market", "order", "--cancel", "mine-2", "--key", key);
    assert.equal(cancelled.json.order, placed.json.order);
    const statement = await gridledger("market", "statement", "--key", key);
    assert.equal(statement.json.owner.address, owner);
  });

  it("an Ethereum account is bound by its signature, and given up again", async () => {
    const account = privateKeyToAccount(`0x${WALLET}`);
    const wallet = join(folder, "wallet.hex");
    writeFileSync(wallet, WALLET, { mode: 0o600 });
    const bind = (...more: string[]) => {
      return gridledger("contract", "bind", account.address, "--key", key, ...more);
    };
    const { json } = await bind();
    const signature = await account.signMessage({ message: json.text });
    const bound = await bind("--signature", signature);
    assert.equal(bound.code, 0, bound.stderr);
    assert.match((await bind("--ethereum-key", wallet)).stderr, /ACCOUNT_BOUND/);
    assert.equal((await bind("--release")).code, 0);
  });

  it("anybody clears an interval whose gate has closed", async () => {
    const { intervalMs } = await network.api.call("market");
    const wanted = ["--meter", "M1", "--side", "buy", "--wh", "10", "--price", "50", "--key", key];
    let next = interval;
    let closesMs = 0;
    let placed = false;
    // The gate closes soon, and later where this machine was too slow for it.
    for (const openMs of OPEN_MS) {
      if (placed) break;
      next++;
      closesMs = Date.now() + openMs;
      await declare(next * intervalMs - closesMs);
      const of = ["--interval", String(next)];
      placed = (await gridledger("market", "order", ...of, ...wanted)).code === 0;
    }
    assert.ok(placed);
    await new Promise((resolve) => setTimeout(resolve, closesMs + 1_200 - Date.now()));
    const cleared = await gridledger("market", "settle", String(next), "--clear", "--key", key);
    assert.equal(cleared.code, 0, cleared.stderr);
    assert.equal(cleared.json.left, 0);
    await until(
      "the hub has heard of it",
      async () => {
        const { items } = await network.api.call("marketIntervals");
        return items[0]?.interval === next && items[0].phase === "cleared";
      },
      10_000,
    );
  });
});
