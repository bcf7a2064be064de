import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { capturePath } from "./captures.ts";
import { deviceKey, genesisBytes } from "./test-chain.ts";

const main = new URL("../../firmware-bridge/src/main.ts", import.meta.url).pathname;
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
  const child = spawn(process.execPath, ["--import", "tsx", main, "--config", file]);
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
