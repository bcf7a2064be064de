import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { ApiClient } from "@gridledger/protocol/api/client";
import { cleanEnvironment, runCli } from "../cli/run-cli.ts";
import { freePort, RunningNetwork, until } from "./running-network.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const PASSWORD = "a long enough password";

describe("a new device joins a running network", () => {
  const folder = mkdtempSync(join(tmpdir(), "gl-join-"));
  const home = join(folder, "home");
  const file = (name: string) => join(folder, name);
  let network: RunningNetwork;
  let bridge: ChildProcess | undefined;

  async function gridledger(...args: string[]) {
    return offline(...args, "--home", home);
  }

  async function offline(...args: string[]) {
    const answer = await runCli([...args, "--json"]);
    assert.equal(answer.code, 0, answer.stderr);
    return JSON.parse(answer.stdout);
  }
  const operator = ["--user", "operator", "--password-file", file("password")];

  /** The one-time password of the terminal becomes one of the operator's own. */
  async function choosePassword(): Promise<void> {
    const { password } = await network.event("operator-password");
    let [cookie, csrf] = ["", ""];
    const api = new ApiClient({
      baseUrl: network.url,
      headers: () => ({ cookie, "x-csrf-token": csrf }),
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
        return response;
      },
    });
    const session = await api.call("signIn", {
      body: { user: "operator", password: String(password) },
    });
    csrf = session.csrfToken ?? "";
    await api.call("changePassword", { body: { current: String(password), next: PASSWORD } });
    writeFileSync(file("password"), `${PASSWORD}\n`, { mode: 0o600 });
  }

  function startBridge(): void {
    const captures = join(root, "firmware-bridge/captures/dsmr");
    const config = {
      genesis: join(home, "genesis.cbor"),
      key: file("gateway.key"),
      home: folder,
      brokers: [String(network.events.find(({ event }) => event === "ready")?.mqttUrl)],
      batch: { maxReadings: 4, maxDelayMs: 500 },
      drivers: [
        {
          ...{ type: "p1-replay", name: "new meter", simulated: true, intervalMs: 300 },
          captures: [join(captures, "telegram_v5.txt")],
        },
      ],
    };
    writeFileSync(file("bridge.json"), JSON.stringify(config));
    const script = join(root, "hub/bin/gridledger.js");
    bridge = spawn(process.execPath, [script, "bridge", "--config", file("bridge.json")], {
      ...{ cwd: root, env: cleanEnvironment(), stdio: "ignore" },
    });
  }

  before(async () => {
    const ports = ["--http-port", `${await freePort()}`, "--mqtt-port", `${await freePort()}`];
    network = new RunningNetwork({ home, args: ["--no-bridge", ...ports] });
    await network.ready();
    await choosePassword();
  });
  after(async () => {
    bridge?.kill("SIGKILL");
    await network.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  it("with a code, an approval and keys that never leave it; and is out when it is revoked", async () => {
    const { code } = await gridledger("ca", "code", "gateway-9", ...operator);
    const request = [
      ...["cert", "request", "gateway-9", "--code", code],
      ...["--key", file("gateway.key"), "--out", file("gateway.crt")],
    ];
    const pending = await gridledger(...request);
    assert.equal(pending.state, "pending");
    const { items } = await gridledger("ca", "requests", "--state", "pending", ...operator);
    assert.equal(items[0].identity, pending.identity);
    await gridledger("ca", "approve", pending.id, ...operator);
    assert.equal((await gridledger(...request)).state, "approved");

    startBridge();
    const hasMeter = async () => {
      const meters = await network.api.call("meters");
      return meters.items.find(({ owner, readings }) => owner === pending.identity && readings > 0);
    };
    const meter = await until("its readings are final", hasMeter, 30_000);
    assert.equal(meter.ownerName, "gateway-9");

    await gridledger("ca", "export", file("trust"));
    const crls = ["root.crl", "issuing-1.crl"].map((name) => join(file("trust"), name));
    const trust = ["--root", join(file("trust"), "root.crt"), "--crl", ...crls];
    const good = await offline("cert", "verify", file("gateway.crt"), ...trust);
    assert.equal(good.role, "device");
    const [shown] = await offline("cert", "show", file("gateway.crt"));
    const revocation = ["ca", "revoke", shown.serial, "--reason", "keyCompromise"];
    assert.equal((await gridledger(...revocation, ...operator)).recorded, true);
    await gridledger("ca", "export", file("trust"));
    const bad = await runCli(["cert", "verify", file("gateway.crt"), ...trust]);
    assert.match(bad.stderr, /CERTIFICATE_REVOKED/);
    const before = (await hasMeter())!.readings;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    assert.equal((await hasMeter())!.readings, before, "readings after the revocation");
    const log = readFileSync(join(home, "logs", "hub.log"), "utf8");
    assert.match(log, /IDENTITY_REVOKED/, "the broker lets it in no more");
  });

  it("the identities of the start have certificates, recorded on the chain in the background", async () => {
    const all = async () => {
      const { items } = await gridledger("ca", "list", ...operator);
      return (
        items.length >= 8 && items.every((one: { recorded: boolean }) => one.recorded) && items
      );
    };
    const certificates = await until("all are recorded", all, 20_000);
    const names = certificates.map(({ name }: { name: string }) => name);
    for (const name of ["hub", "operator", "bridge", "validator-1"])
      assert.ok(names.includes(name));
  });
});
