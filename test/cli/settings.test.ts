import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import { chooseHome, homeAt } from "../../hub/src/cli/network/home.ts";
import {
  readSavedSettings,
  resolveSettings,
  saveSettings,
} from "../../hub/src/cli/network/settings.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

function settledHome(context: TestContext) {
  const home = homeAt(temporaryDirectory(context));
  saveSettings(home, {
    host: "127.0.0.1",
    httpPort: 9_001,
    mqttPort: 9_002,
    validators: 7,
    suite: "international",
    engine: "poa",
    seats: 7,
    tls: false,
    mqttsPort: 8883,
    suitePackages: ["@example/gridledger-suite"],
  });
  return home;
}

function withEnvironment(context: TestContext, values: Record<string, string>): void {
  Object.assign(process.env, values);
  context.after(() => {
    for (const name of Object.keys(values)) delete process.env[name];
  });
}

const codeOf = (code: string) => (thrown: unknown) =>
  thrown instanceof Fault && thrown.code === code;

test("a new home takes the defaults", (context) => {
  const home = homeAt(temporaryDirectory(context));
  assert.deepEqual(resolveSettings(home, {}), {
    host: "127.0.0.1",
    httpPort: 8080,
    mqttPort: 1883,
    validators: 4,
    suite: "international",
    engine: "poa",
    seats: 7,
    tls: false,
    mqttsPort: 8883,
    suitePackages: [],
  });
});

test("a flag beats the environment, that beats what is saved", (context) => {
  const home = settledHome(context);
  assert.equal(resolveSettings(home, {}).httpPort, 9_001);
  withEnvironment(context, { GRIDLEDGER_HTTP_PORT: "9100", GRIDLEDGER_MQTT_PORT: "9200" });
  const settings = resolveSettings(home, { httpPort: 9_300 });
  assert.equal(settings.httpPort, 9_300);
  assert.equal(settings.mqttPort, 9_200);
  assert.equal(settings.validators, 7);
});

test("packages of outside suites are saved; flag and environment name others, paths made absolute", (context) => {
  const home = settledHome(context);
  assert.deepEqual(resolveSettings(home, {}).suitePackages, ["@example/gridledger-suite"]);
  withEnvironment(context, { GRIDLEDGER_SUITE_PACKAGES: "@example/other, ./suites/own.ts" });
  const own = resolve("suites/own.ts");
  assert.deepEqual(resolveSettings(home, {}).suitePackages, ["@example/other", own]);
  assert.deepEqual(resolveSettings(home, { suitePackages: [] }).suitePackages, []);
});

test("an empty variable is no setting, one that is not a number is named", (context) => {
  const home = homeAt(temporaryDirectory(context));
  withEnvironment(context, { GRIDLEDGER_HTTP_PORT: "" });
  assert.equal(resolveSettings(home, {}).httpPort, 8080);
  withEnvironment(context, { GRIDLEDGER_MQTT_PORT: "0x10" });
  assert.throws(() => resolveSettings(home, {}), /GRIDLEDGER_MQTT_PORT="0x10"/);
});

test("validators and suite of an existing home stay, and the refusal says what to do", (context) => {
  const home = settledHome(context);
  assert.throws(() => resolveSettings(home, { validators: 4 }), codeOf("HOME_SETTLED"));
  assert.throws(() => resolveSettings(home, { validators: 4 }), /another --home/);
  assert.equal(resolveSettings(home, { validators: 7 }).validators, 7);
});

test("an unknown suite is refused with those that are known", (context) => {
  const home = homeAt(temporaryDirectory(context));
  assert.throws(() => resolveSettings(home, { suite: "rot13" }), codeOf("SUITE_UNKNOWN"));
  assert.throws(() => resolveSettings(home, { suite: "rot13" }), /international/);
});

test("impossible numbers are refused with their name", (context) => {
  const home = homeAt(temporaryDirectory(context));
  for (const [flags, name] of [
    [{ validators: 0 }, /--validators/],
    [{ validators: 65 }, /--validators/],
    [{ httpPort: 0 }, /--http-port/],
    [{ mqttPort: 65_536 }, /--mqtt-port/],
  ] as const) {
    assert.throws(() => resolveSettings(home, flags), name);
  }
});

test("a damaged settings file is named", (context) => {
  const home = homeAt(temporaryDirectory(context));
  writeFileSync(home.settings, "{");
  assert.throws(() => readSavedSettings(home), /gridledger\.json is not JSON/);
  writeFileSync(home.settings, '{"host":"127.0.0.1"}');
  assert.throws(() => readSavedSettings(home), /gridledger\.json: httpPort/);
});

test("the home is the flag's, the environment's or in the working directory", (context) => {
  const directory = temporaryDirectory(context);
  mkdirSync(directory, { recursive: true });
  assert.equal(chooseHome(undefined).root, homeAt(".gridledger").root);
  withEnvironment(context, { GRIDLEDGER_HOME: directory });
  assert.equal(chooseHome(undefined).root, directory);
  assert.equal(chooseHome("/elsewhere").root, "/elsewhere");
});
