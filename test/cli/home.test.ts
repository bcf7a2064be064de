import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { Fault } from "@gridledger/protocol/faults";
import { createKeyFile, readKeyFile } from "../../hub/src/cli/key-file.ts";
import { homeAt } from "../../hub/src/cli/network/home.ts";
import { HomeLock } from "../../hub/src/cli/network/home-lock.ts";
import { provision } from "../../hub/src/cli/network/provision.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const settings = {
  host: "127.0.0.1",
  httpPort: 8080,
  mqttPort: 1883,
  validators: 4,
  suite: "international",
  engine: "poa" as const,
  seats: 7,
  tls: false,
  mqttsPort: 8883,
  suitePackages: [],
};

test("a first start makes sealed keys that only the owner reads, and a genesis with them", async (context) => {
  const home = homeAt(temporaryDirectory(context));
  const { chain, isNew } = provision(home, settings);
  assert.equal(isNew, true);
  const names = chain.genesis.identities.map(({ name, role }) => `${role}:${name}`);
  assert.deepEqual(names.sort(), [
    "device:bridge",
    "hub:hub",
    "operator:operator",
    "validator:validator-1",
    "validator:validator-2",
    "validator:validator-3",
    "validator:validator-4",
  ]);
  assert.equal(statSync(home.keys).mode & 0o777, 0o700);
  for (const key of readdirSync(home.keys)) {
    assert.equal(statSync(join(home.keys, key)).mode & 0o777, 0o600, key);
  }
  for (const { name, publicKey } of chain.genesis.identities) {
    const signer = await readKeyFile(chain.suite, home.key(name));
    assert.deepEqual(Buffer.from(signer.publicKey), Buffer.from(publicKey));
  }
});

test("a later start has the same chain", (context) => {
  const home = homeAt(temporaryDirectory(context));
  const first = provision(home, settings);
  const second = provision(home, settings);
  assert.equal(second.isNew, false);
  assert.deepEqual(second.chain.chainId, first.chain.chainId);
});

test("a first start that was cut off is done again from the beginning", (context) => {
  const home = homeAt(temporaryDirectory(context));
  provision(home, settings);
  rmSync(home.settings);
  rmSync(home.key("validator-3"));
  const { chain, isNew } = provision(home, settings);
  assert.equal(isNew, true);
  assert.equal(chain.validators.length, 4);
  assert.equal(existsSync(home.key("validator-3")), true);
});

test("a directory with other files is refused and left as it is", (context) => {
  const directory = temporaryDirectory(context);
  mkdirSync(join(directory, "photos"));
  assert.throws(() => provision(homeAt(directory), settings), /"photos"/);
  assert.deepEqual(readdirSync(directory), ["photos"]);
});

test("a key that others can read is not used", async (context) => {
  const home = homeAt(temporaryDirectory(context));
  const { chain } = provision(home, settings);
  const open = join(home.root, "open.key");
  writeFileSync(open, "", { mode: 0o644 });
  await assert.rejects(readKeyFile(chain.suite, open), /chmod 600/);
});

test("a key of another suite is called that", async (context) => {
  const path = join(temporaryDirectory(context), "device.key");
  createKeyFile(suiteByName("international"), path);
  await assert.rejects(readKeyFile(suiteByName("sm"), path), /the key is for another suite/);
});

test("one home has one start at a time", async (context) => {
  const home = homeAt(temporaryDirectory(context));
  const lock = await HomeLock.take(home);
  await assert.rejects(
    HomeLock.take(home),
    (thrown) => thrown instanceof Fault && thrown.code === "HOME_IN_USE",
  );
  await lock.release();
  await (await HomeLock.take(home)).release();
});
