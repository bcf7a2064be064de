import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { decodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import { Spool } from "../../firmware-bridge/src/spool/spool.ts";
import { bundleOf } from "../support/bundles.ts";
import { capturePath, withChecksum } from "./captures.ts";
import { chain, deviceKey, genesisBytes, owner } from "./test-chain.ts";

const main = bundleOf("firmware-bridge");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bridge-"));
  writeFileSync(join(folder, "genesis.cbor"), genesisBytes);
  const key = createPrivateKey({ key: Buffer.from(deviceKey), format: "der", type: "pkcs8" });
  writeFileSync(join(folder, "key.pem"), key.export({ format: "pem", type: "pkcs8" }), {
    mode: 0o600,
  });
});

afterEach(() => rmSync(folder, { recursive: true }));

function run(config: object | string) {
  const file = join(folder, "bridge.json");
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
  const child = spawn(process.execPath, [main, "--config", file]);
  let output = "";
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = output.split("\n").find((text) => pattern.test(text));
        if (found !== undefined) resolve(found);
      };
      child.stdout.on("data", (chunk) => {
        output += chunk;
        look();
      });
      child.on("exit", () => reject(new Error(output)));
    });
  return { child, line };
}

const minimal = {
  genesis: "genesis.cbor",
  key: "key.pem",
  home: "data",
  brokers: ["mqtt://127.0.0.1:9"],
};

describe("the bridge process", { timeout: 30_000 }, () => {
  it("says when it is ready, spools without a broker, and ends within two seconds of SIGTERM", async () => {
    const driver = { type: "p1-replay", captures: [capturePath("dsmr/telegram_v5.txt")] };
    const { child, line } = run({ ...minimal, drivers: [driver] });
    await line(/"event":"ready"/);
    const stoppedMs = Date.now();
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    assert.ok(Date.now() - stoppedMs < 2_000);
  });

  const refused: [string, object | string, RegExp][] = [
    ["is not JSON", "{", /bridge\.json is not JSON/],
    ["has a misspelt key", { ...minimal, broker: 1 }, /broker is not an option/],
    ["lacks its brokers", { ...minimal, brokers: [] }, /brokers is empty/],
    [
      "names an unknown driver",
      { ...minimal, drivers: [{ type: "dlms" }] },
      /no driver \\"dlms\\"; known: p1-tcp/,
    ],
    [
      "has a wrong port in a driver",
      { ...minimal, drivers: [{ type: "p1-tcp", host: "x", port: 0 }] },
      /drivers\[0\]\.port must be a number from 1 to 65535/,
    ],
  ];
  for (const [what, config, message] of refused) {
    it(`a configuration that ${what} is refused by name`, async () => {
      const { child, line } = run(config);
      const exited = once(child, "exit");
      const text = await line(/"event":"failed"/);
      assert.match(text, /CONFIG_INVALID/);
      assert.match(text, message);
      assert.equal((await exited)[0], 1);
    });
  }
});

/** A P1 port that sends a telegram of a new second every few milliseconds; repeats the last to a newcomer. */
async function startMeter() {
  const startMs = Date.now() - 20_000_000;
  const sockets = new Set<Socket>();
  let count = 0;
  const telegram = () => {
    const local = new Date(startMs + count * 1_000).toISOString().replace(/\D/g, "").slice(2, 14);
    const lines = ["0-0:96.1.1(4B384547303034303436333935353037)", `0-0:1.0.0(${local}W)`];
    return withChecksum(`/KFM5TEST\r\n\r\n${lines.join("\r\n")}\r\n1-0:1.8.0(${count}*Wh)\r\n!`);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    if (count > 0) socket.write(telegram());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const timer = setInterval(() => {
    if (sockets.size === 0) return;
    count++;
    for (const socket of sockets) socket.write(telegram());
  }, 3);
  const { port } = server.address() as { port: number };
  const stop = () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port, stop };
}

/** All that the spool holds of its one meter, in order; the batches must link. */
async function spooledValues(): Promise<(number | null)[]> {
  const spool = await Spool.open(join(folder, "data", "spool.sqlite"), owner, 1e9);
  const values: (number | null)[] = [];
  let previousHash = Buffer.alloc(32);
  for (const { payload } of await spool.pendingBatches("K8EG004046395507", 1, 100_000)) {
    const batch = decodeReadingBatch(payload);
    assert.deepEqual(Buffer.from(batch.previousHash), previousHash);
    previousHash = Buffer.from(chain.suite.hash(payload));
    values.push(...(batch.registers[0]?.values ?? []));
  }
  for (const { registers } of await spool.openReadings()) values.push(registers[0]?.value ?? null);
  await spool.close();
  return values;
}

describe("a bridge process that is killed while a meter sends", { timeout: 60_000 }, () => {
  it("keeps what it had, takes nothing twice, and misses only what came while it was dead", async () => {
    const meter = await startMeter();
    const driver = { type: "p1-tcp", host: "127.0.0.1", port: meter.port, minIntervalMs: 0 };
    const config = {
      ...minimal,
      batch: { maxReadings: 7 },
      drivers: [{ ...driver, winterOffsetMinutes: 0 }],
    };
    let kept: (number | null)[] = [];
    try {
      for (const livesMs of [150, 20, 310, 90, 230]) {
        const { child, line } = run(config);
        await line(/"event":"ready"/);
        await new Promise((resolve) => setTimeout(resolve, livesMs));
        child.kill("SIGKILL");
        await once(child, "exit");
        const values = await spooledValues();
        assert.deepEqual(values.slice(0, kept.length), kept, "what was there is there");
        kept = values;
      }
    } finally {
      meter.stop();
    }
    const steps = kept.slice(1).map((value, i) => Number(value) - Number(kept[i]));
    assert.ok(kept.length > 50, `${kept.length} readings`);
    assert.ok(
      steps.every((step) => step > 0),
      "none twice",
    );
    assert.ok(steps.filter((step) => step > 1).length <= 4, "gaps only where it was dead");
  });
});
