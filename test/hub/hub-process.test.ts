import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, test } from "node:test";
import { bundleOf } from "../support/bundles.ts";
import { ChainBuilder } from "../support/chain-builder.ts";

const main = bundleOf("hub");

interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
  event(name: string): Promise<Record<string, unknown>>;
  readonly exit: Promise<number | null>;
}

function run(...args: string[]): Running {
  const child = spawn(process.execPath, [main, ...args]);
  const lines: string[] = [];
  const waiting: { name: string; resolve: (event: Record<string, unknown>) => void }[] = [];
  const events: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    if (!line.includes('"event"')) return;
    const event = JSON.parse(line) as Record<string, unknown>;
    events.push(event);
    for (const { name, resolve } of waiting) if (name === event.event) resolve(event);
  });
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const event = (name: string) => {
    const known = events.find((one) => one.event === name);
    if (known !== undefined) return Promise.resolve(known);
    return Promise.race([
      new Promise<Record<string, unknown>>((resolve) => waiting.push({ name, resolve })),
      exit.then((code) => assert.fail(`ended with ${code} before ${name}: ${lines.join("\n")}`)),
    ]);
  };
  return { child, lines, event, exit };
}

describe("the hub process", () => {
  const builder = new ChainBuilder();
  let home = "";
  let config = "";
  let running: Running | undefined;
  let taken: Server | undefined;

  function write(changes: object): void {
    const all = { genesis: "../genesis", key: "../hub.pem", operatorKey: "../operator.pem" };
    const ports = { httpPort: 0, mqttPort: 0 };
    writeFileSync(config, JSON.stringify({ ...all, home: "data", ...ports, ...changes }));
  }

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "gl-hub-"));
    mkdirSync(join(home, "hub"));
    config = join(home, "hub/hub.json");
    writeFileSync(join(home, "genesis"), builder.chain.encoded);
    for (const { name, pkcs8 } of [builder.hub, builder.operator, builder.devices[0]!]) {
      const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
      writeFileSync(join(home, `${name}.pem`), key.export({ format: "pem", type: "pkcs8" }), {
        mode: 0o600,
      });
    }
  });
  afterEach(async () => {
    running?.child.kill("SIGKILL");
    await running?.exit;
    running = undefined;
    taken?.close();
    rmSync(home, { recursive: true, force: true });
  });

  test("says its one-time password and its ports, answers, and stops within 2 s", async () => {
    write({});
    running = run("--config", config);
    const { password } = await running.event("operator-password");
    const { url } = await running.event("ready");
    const answer = await fetch(new URL("api/v1/session", String(url)), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user: "operator", password }),
    });
    assert.equal(answer.status, 200);
    await answer.json();
    // An open stream must not hold the stop up.
    const stream = await fetch(new URL("api/v1/stream", String(url)));
    const startedMs = performance.now();
    running.child.kill("SIGTERM");
    assert.equal(await running.exit, 0);
    assert.ok(performance.now() - startedMs < 2_000);
    await stream.body?.cancel().catch(() => {});
    const logged = running.lines.filter((line) => !line.includes("operator-password"));
    assert.ok(!logged.join("\n").includes(String(password)));
    const files = readFileSync(join(home, "hub/data/hub.sqlite")).toString("latin1");
    assert.ok(!files.includes(String(password)));
  });

  test("takes the next free port", async () => {
    taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken!.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    write({ httpPort: port, mqttPort: port });
    running = run("--config", config);
    const { httpPort, mqttPort } = await running.event("ready");
    assert.ok(Number(mqttPort) > port && Number(httpPort) > Number(mqttPort));
  });

  for (const [what, changes, code] of [
    ["a key that is not a hub's", { key: "../device-1.pem" }, "CONFIG_INVALID"],
    ["an operator key that is not an operator's", { operatorKey: "../hub.pem" }, "CONFIG_INVALID"],
    ["a file that is missing", { genesis: "../none" }, "CONFIG_INVALID"],
    ["a genesis that is none", { genesis: "../hub.pem" }, "GENESIS_INVALID"],
    ["a key that is none, or open to others", { key: "../genesis" }, "KEY_INVALID"],
    ["an unknown setting", { httpport: 1 }, "CONFIG_INVALID"],
    ["a port that is none", { httpPort: 70_000 }, "CONFIG_INVALID"],
  ] as const) {
    test(`refuses ${what}, says so and ends`, async () => {
      write(changes);
      running = run("--config", config);
      const failed = await running.event("failed");
      assert.equal(failed.code, code);
      assert.equal(await running.exit, 1);
    });
  }

  test("names a damaged store", async () => {
    mkdirSync(join(home, "hub/data"));
    writeFileSync(join(home, "hub/data/hub.sqlite"), Buffer.alloc(10_000, "x"));
    write({});
    running = run("--config", config);
    const failed = await running.event("failed");
    assert.equal(failed.code, "STORE_CORRUPT");
    assert.match(String(failed.message), /hub\.sqlite/);
  });

  test("--help says what a config holds", async () => {
    running = run("--help");
    assert.equal(await running.exit, 0);
    assert.match(running.lines.join("\n"), /--config/);
  });
});
