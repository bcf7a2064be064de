import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { formatKeyTurns, turnsFileOf } from "@gridledger/protocol/keys/key-turns";
import { KEY_USES_FILE } from "@gridledger/protocol/keys/key-uses";
import { keyHolder, keyUsesAt } from "../../edge-node/src/keys/key-files.ts";
import { checkKeys } from "../../hub/src/cli/doctor/check-keys.ts";
import { createKeyFile, readKeyFile } from "../../hub/src/cli/key-file.ts";
import { HomeKeys } from "../../hub/src/cli/keys/home-keys.ts";
import { type Home, homeAt } from "../../hub/src/cli/network/home.ts";
import { writeHubConfig } from "../../hub/src/cli/network/process-configs.ts";
import { provision } from "../../hub/src/cli/network/provision.ts";
import { loadConfig } from "../../hub/src/config.ts";
import { runCli } from "./run-cli.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const DAY_MS = 86_400_000;
const suite = suiteByName("international");
const message = Buffer.from("reading");
const settings = {
  host: "127.0.0.1",
  httpPort: 8080,
  mqttPort: 1883,
  validators: 1,
  suite: "international",
  engine: "poa" as const,
  seats: 7,
  suitePackages: [],
  tls: false,
  mqttsPort: 8883,
};

test("nothing of a new home's keys lies in the clear, and its processes sign with them", async (context) => {
  const home = homeAt(temporaryDirectory(context));
  const { chain } = provision(home, settings);
  assert.deepEqual(readdirSync(home.keys).sort(), [
    "bridge.page",
    "hub.page",
    "operator.page",
    "unlock",
    "validator-1.page",
  ]);
  for (const file of readdirSync(home.keys)) {
    assert.ok(!readFileSync(join(home.keys, file), "latin1").includes("PRIVATE KEY"), file);
  }
  assert.equal(checkKeys(home, Date.now()).result, "ok");
  const overdueMs = Date.now() + 366 * DAY_MS;
  assert.match(checkKeys(home, overdueMs).detail, /overdue: bridge, hub/);

  writeHubConfig(home, settings);
  const { keys, operatorKeys } = await loadConfig(home.config("hub"));
  const signer = keys.at(1).signer("statements");
  assert.ok(suite.verify(signer.publicKey, message, signer.sign(message)));
  assert.ok(
    chain.genesis.identities.some(({ publicKey }) =>
      Buffer.from(publicKey).equals(operatorKeys!.at(1).signer("records").publicKey),
    ),
  );
  const uses = JSON.parse(readFileSync(join(home.directory("hub"), KEY_USES_FILE), "utf8"));
  assert.deepEqual(
    uses.map(({ module, purpose, count }: Record<string, unknown>) => [module, purpose, count]),
    [["hub", "statements", 1]],
  );
});

/** As homes were before there were key pages. */
function clearHome(home: Home): void {
  provision(home, settings);
  for (const file of readdirSync(home.keys))
    renameSync(join(home.keys, file), join(home.root, file));
  for (const name of ["hub", "operator"]) createKeyFile(suite, join(home.keys, `${name}.key`));
}

test("an old home goes on with its PEM keys, and seal puts the same keys into pages", async (context) => {
  const home = homeAt(temporaryDirectory(context));
  clearHome(home);
  writeHubConfig(home, settings);
  const before = (await loadConfig(home.config("hub"))).keys.at(1).signer("statements").publicKey;
  assert.match(checkKeys(home, Date.now()).detail, /in the clear: hub, operator/);

  const sealed = await runCli(["key", "seal", "--home", home.root, "--days", "30"]);
  assert.equal(sealed.code, 0, sealed.stderr);
  assert.deepEqual(readdirSync(home.keys).sort(), ["hub.page", "operator.page", "unlock"]);
  writeHubConfig(home, settings);
  assert.deepEqual(
    (await loadConfig(home.config("hub"))).keys.at(1).signer("statements").publicKey,
    before,
  );
  assert.equal(
    (await runCli(["key", "seal", "--home", home.root])).stdout,
    "no key lies in the clear\n",
  );
});

test("a seal that was cut off is finished, and never drops a key that is not in the page", (context) => {
  const home = homeAt(temporaryDirectory(context));
  clearHome(home);
  const keys = new HomeKeys(home);
  const period = { owner: "org", fromMs: 0, days: 1 };
  const file = join(home.keys, "hub.key");
  const pem = readFileSync(file);
  keys.seal(suite, "hub", period);
  writeFileSync(file, pem, { mode: 0o600 });
  keys.seal(suite, "hub", period);
  assert.ok(!existsSync(file));
  createKeyFile(suite, file);
  assert.throws(() => keys.seal(suite, "hub", period), { code: "KEY_PAGE_EXISTS" });
  assert.ok(existsSync(file));
});

test("list, import and overdue show pages with owner, period and uses, and no key", async (context) => {
  const home = homeAt(temporaryDirectory(context));
  provision(home, settings);
  const file = join(home.root, "gateway.key");
  createKeyFile(suite, file);
  const into = ["--home", home.root, "--json"];
  const imported = ["key", "import", file, "--as", "gateway-7", "--owner", "City Utility"];
  assert.equal((await runCli([...imported, ...into])).code, 0);
  assert.match((await runCli([...imported, ...into])).stderr, /KEY_PAGE_EXISTS/);
  const outside = await runCli(["key", "import", file, "--as", "../x", ...into]);
  assert.match(outside.stderr, /KEY_PAGE_INVALID/);

  const source = { path: home.page("gateway-7"), unlock: { file: home.unlock } };
  const uses = keyUsesAt(join(home.root, "keys", KEY_USES_FILE));
  keyHolder({ module: "x", uses })(suite, source).signer("readings").sign(message);
  const { stdout } = await runCli(["key", "list", ...into]);
  const { pages, clear } = JSON.parse(stdout);
  assert.deepEqual(clear, []);
  const gateway = pages.find(({ module }: { module: string }) => module === "gateway-7");
  assert.equal(gateway.owner, "City Utility");
  assert.equal(gateway.uses[0].purpose, "readings");
  assert.equal(gateway.wrapped, undefined);
  const overdue = JSON.parse((await runCli(["key", "overdue", ...into])).stdout);
  assert.deepEqual(overdue.items, []);
});

test("pages and secrets that others can read, a wrong secret and a damaged page have a code", async (context) => {
  const home = homeAt(temporaryDirectory(context));
  provision(home, settings);
  const path = home.page("hub");
  const source = { path, unlock: { file: home.unlock } };
  const uses = keyUsesAt(join(home.root, "u"));
  const hold = () => keyHolder({ module: "hub", uses })(suite, source);
  chmodSync(path, 0o644);
  assert.throws(hold, { code: "KEY_INVALID" });
  await assert.rejects(readKeyFile(suite, path), { code: "KEY_INVALID" });
  chmodSync(path, 0o600);
  chmodSync(home.unlock, 0o640);
  assert.throws(hold, { code: "KEY_INVALID" });
  await assert.rejects(readKeyFile(suite, path), { code: "KEY_INVALID" });
  chmodSync(home.unlock, 0o600);
  hold();
  writeFileSync(home.unlock, "another secret\n");
  assert.throws(hold, { code: "PASSPHRASE_WRONG" });
  assert.match(checkKeys(home, 0).detail, /PASSPHRASE_WRONG/);
  writeFileSync(path, readFileSync(path).subarray(0, 40));
  assert.throws(hold, { code: "KEY_PAGE_INVALID" });
  assert.match(checkKeys(home, 0).detail, /KEY_PAGE_INVALID/);
});

test("the page of the next epoch is opened by its height, and one that cannot be opened changes nothing", async (context) => {
  const home = homeAt(temporaryDirectory(context));
  provision(home, settings);
  writeHubConfig(home, settings);
  const pages = new HomeKeys(home);
  const period = { owner: "Utility", fromMs: Date.now(), days: 30 };
  const next = pages.next(suiteByName("sm"), "operator", 2, period);
  // A rotation that was cut off goes on with the page that it had made.
  const again = pages.next(suiteByName("sm"), "operator", 2, period);
  assert.deepEqual(Buffer.from(again.publicKey), Buffer.from(next.publicKey));
  assert.throws(() => pages.next(suite, "operator", 2, period), { code: "KEY_PAGE_EXISTS" });
  assert.equal(pages.newest().find(({ module }) => module === "operator")?.epoch, 2);
  const turns = turnsFileOf(home.page("operator"));
  writeFileSync(turns, formatKeyTurns([{ epoch: 2, fromHeight: 40 }]));
  const { operatorKeys } = await loadConfig(home.config("hub"));
  const epochAt = (height: number) => operatorKeys!.at(height).epoch;
  assert.deepEqual([39, 40].map(epochAt), [1, 2]);
  assert.equal(operatorKeys!.at(40).suite.name, "sm");
  operatorKeys!.refuse(2);
  assert.equal(epochAt(40), 1);
  operatorKeys!.refuse(1);
  assert.deepEqual([39, 40].map(epochAt), [2, 2]);
  writeFileSync(turns, formatKeyTurns([{ epoch: 3, fromHeight: 40 }]));
  assert.equal((await loadConfig(home.config("hub"))).operatorKeys!.at(40).epoch, 1);
});
