import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MqttFilterTable } from "../../edge-node/src/transport/mqtt-filter-table.ts";
import { reconnectDelayMs } from "../../edge-node/src/transport/reconnect-delay.ts";
import { Authenticator } from "../../hub/src/broker/authenticator.ts";
import { checkConnect, identityOfClientId } from "../../hub/src/broker/connect-rules.ts";
import { ConnectionCaps } from "../../hub/src/broker/connection-caps.ts";
import { NonceFile } from "../../hub/src/broker/nonce-file.ts";
import { NonceWindow } from "../../hub/src/broker/nonce-window.ts";
import { Refusals } from "../../hub/src/broker/refusals.ts";
import { TokenBucket } from "../../hub/src/broker/token-bucket.ts";
import { chainId, LogBook, newMember, suite, tokenOf } from "./support.ts";

const id = "0123456789abcdef0123";

test("a client id is an identity id with an optional suffix and nothing else", () => {
  assert.equal(identityOfClientId(id), id);
  assert.equal(identityOfClientId(`${id}-node-2`), id);
  const names = Object.getOwnPropertyNames(Object.prototype);
  for (const bad of [
    "",
    ...names,
    `${id}-`,
    `${id}x`,
    `${id}-A`,
    `${id}\n`,
    `${id}-${"a".repeat(25)}`,
  ]) {
    assert.equal(identityOfClientId(bad), undefined, bad);
  }
});

test("each rule of CONNECT refuses with its code", () => {
  const good = { protocolId: "MQTT", protocolVersion: 4, clientId: id, clean: true, keepalive: 20 };
  assert.equal(checkConnect(good, 600), undefined);
  const codeOf = (fields: object) => checkConnect({ ...good, ...fields }, 600)?.code;
  assert.equal(codeOf({ protocolVersion: 5 }), "MQTT_VERSION");
  assert.equal(codeOf({ protocolId: "MQIsdp", protocolVersion: 3 }), "MQTT_VERSION");
  assert.equal(codeOf({ bridgeMode: true }), "MQTT_VERSION");
  assert.equal(codeOf({ clientId: "constructor" }), "MQTT_CLIENT_ID");
  assert.equal(codeOf({ clean: false }), "MQTT_SESSION");
  assert.equal(codeOf({ keepalive: 0 }), "MQTT_SESSION");
  assert.equal(codeOf({ keepalive: 65_535 }), "MQTT_SESSION");
  assert.equal(codeOf({ will: { topic: "t" } }), "MQTT_WILL");
});

test("a token proves one identity, for one chain, for ten minutes, once", () => {
  const member = newMember("device");
  const stranger = newMember("device");
  const time = 1_700_000_000_000;
  let now = time;
  const found = { publicKey: member.signer.publicKey, role: member.role };
  const identities = { find: (wanted: string) => (wanted === member.id ? found : undefined) };
  const authenticator = new Authenticator({ identities, suite, chainId, now: () => now }, 600_000);
  const enter = (token: string, userName = member.id, clientId = member.id) =>
    authenticator.authenticate(clientId, userName, token);

  const token = tokenOf(member, time);
  assert.deepEqual(enter(token), { identity: member.id, role: "device" });
  assert.throws(() => enter(token), { code: "MQTT_TOKEN_REUSED" });
  assert.throws(() => enter(token, member.id, `${member.id}-b`), { code: "MQTT_TOKEN_REUSED" });
  assert.throws(() => enter(tokenOf(stranger, time)), { code: "MQTT_TOKEN_INVALID" });
  assert.throws(() => enter(tokenOf(member, time, Buffer.alloc(32, 8))), {
    code: "MQTT_TOKEN_INVALID",
  });
  assert.throws(() => enter(""), { code: "MQTT_TOKEN_INVALID" });
  assert.throws(() => enter("x".repeat(60_000)), { code: "MQTT_TOKEN_INVALID" });
  assert.throws(() => enter(tokenOf(member, time), stranger.id), { code: "MQTT_CLIENT_ID" });
  assert.throws(() => enter(tokenOf(stranger, time), stranger.id, stranger.id), {
    code: "MQTT_IDENTITY_UNKNOWN",
  });

  assert.throws(() => enter(tokenOf(member, time - 600_001)), { code: "MQTT_TOKEN_AGE" });
  assert.throws(() => enter(tokenOf(member, time + 600_001)), { code: "MQTT_TOKEN_AGE" });
  now = time + 600_000;
  assert.throws(() => enter(token), { code: "MQTT_TOKEN_REUSED" });
  now++;
  assert.throws(() => enter(token), { code: "MQTT_TOKEN_AGE" });
});

test("an overheard token is not taken again by a hub that was started anew", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "gl-nonces-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const member = newMember("device");
  const time = 1_700_000_000_000;
  let now = time;
  const found = { publicKey: member.signer.publicKey, role: member.role };
  const identities = { find: () => found };
  const file = join(folder, "connect-nonces");
  const faults: unknown[] = [];
  const started = (at = file) => {
    const nonces = new NonceFile({ file: at, now: () => now, onFault: (one) => faults.push(one) });
    return new Authenticator({ identities, suite, chainId, now: () => now, nonces }, 600_000);
  };
  // A fast clock: the token is younger than the hub's next start.
  const token = tokenOf(member, time + 300_000);
  const enter = (authenticator: Authenticator) =>
    authenticator.authenticate(member.id, member.id, token);
  enter(started());
  writeFileSync(file, "17000", { flag: "a" });
  now += 60_000;
  assert.throws(() => enter(started()), { code: "MQTT_TOKEN_REUSED" });
  assert.throws(() => enter(started()), { code: "MQTT_TOKEN_REUSED" });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  now = time + 900_001;
  started();
  assert.equal(readFileSync(file, "utf8"), "", "what has expired by age is left out");
  now = time;
  const deaf = started(join(folder, "missing", "nonces"));
  enter(deaf);
  assert.throws(() => enter(deaf), { code: "MQTT_TOKEN_REUSED" });
  assert.ok(faults.length > 0, "a disk that fails keeps nobody out, and is told");
});

test("an identity that fills its share of nonces shuts out only itself, until they expire", () => {
  const window = new NonceWindow();
  const nonce = (number: number) => Buffer.from(String(number).padStart(16));
  let accepted = 0;
  while (window.use("a", nonce(accepted), 1000, 0) === "fresh") accepted++;
  assert.equal(accepted, 2_048);
  assert.equal(window.use("a", nonce(9_999), 1000, 1000), "full");
  assert.equal(window.use("a", nonce(0), 1000, 1000), "reused");
  assert.equal(window.use("b", nonce(9_999), 1000, 0), "fresh");
  assert.equal(window.use("a", nonce(9_999), 3000, 1001), "fresh");
});

test("caps count every connection once, in all and by address", () => {
  const caps = new ConnectionCaps(3, 2);
  assert.deepEqual([caps.enter("a"), caps.enter("a"), caps.enter("a")], [true, true, false]);
  assert.deepEqual([caps.enter("b"), caps.enter("c")], [true, false]);
  caps.leave("a");
  assert.equal(caps.enter("c"), true);
  assert.equal(caps.total, 3);
});

test("a bucket lends one chunk and waits until it is paid back", () => {
  const bucket = new TokenBucket(1000, 0);
  bucket.take(1500);
  assert.equal(bucket.waitMs(0), 500);
  assert.equal(bucket.waitMs(499), 1);
  assert.equal(bucket.waitMs(500), 0);
  assert.equal(bucket.waitMs(1_000_000), 0);
  bucket.take(1000);
  assert.equal(bucket.waitMs(1_000_000), 0, "an idle time saves up no more than a second");
  bucket.take(1);
  assert.equal(bucket.waitMs(1_000_000), 1);
});

test("a thousand refusals make one log line and are all counted", () => {
  const log = new LogBook();
  let now = 0;
  const refusals = new Refusals(log, () => now);
  for (let count = 0; count < 1000; count++) refusals.add("MQTT_WILL", {});
  assert.equal(log.lines.length, 1);
  assert.deepEqual(refusals.counts, { MQTT_WILL: 1000 });
  now = 10_000;
  refusals.add("MQTT_WILL", { address: "a" });
  assert.deepEqual(log.lines[1]?.data, { code: "MQTT_WILL", refusals: 1000, address: "a" });
});

test("retries are fast at first and then back off with full jitter up to a minute", () => {
  assert.equal(
    reconnectDelayMs(0, 1, () => 0),
    100,
  );
  assert.equal(
    reconnectDelayMs(0, 1, () => 1),
    250,
  );
  assert.equal(
    reconnectDelayMs(1, 1, () => 1),
    1_000,
  );
  assert.equal(
    reconnectDelayMs(4, 1, () => 0.5),
    4_000,
  );
  assert.equal(
    reconnectDelayMs(1_000, 1, () => 1),
    60_000,
  );
  assert.equal(
    reconnectDelayMs(1_000, 1, () => 0),
    100,
  );
});

test("a message reaches the handlers of its filters and no others", () => {
  const table = new MqttFilterTable();
  const heard: string[] = [];
  const filters = ["gl/a/t/+", "gl/a/c/+/+", "gl/a/c/k/+", "gl/a/t/x"];
  for (const filter of filters)
    assert.equal(
      table.add(filter, () => heard.push(filter)),
      true,
    );
  assert.equal(
    table.add("gl/a/t/+", () => heard.push("twice")),
    false,
  );
  const heardOn = (topic: string) => {
    heard.length = 0;
    table.dispatch(topic, new Uint8Array());
    return [...heard];
  };
  assert.deepEqual(heardOn("gl/a/t/y"), ["gl/a/t/+", "twice"]);
  assert.deepEqual(heardOn("gl/a/t/x"), ["gl/a/t/x", "gl/a/t/+", "twice"]);
  assert.deepEqual(heardOn("gl/a/c/k/y"), ["gl/a/c/k/+", "gl/a/c/+/+"]);
  for (const topic of ["gl/a/t", "gl/a/s/y", "gl", "", "/", "gl/a/t/x/y"]) {
    assert.deepEqual(heardOn(topic), [], topic);
  }
  for (const bad of ["#", "+", "gl/+/t/+", "gl/a/#", "gl/a/t+", "gl/a/+/+/+"]) {
    assert.throws(() => table.add(bad, () => {}), { code: "CONFIG_INVALID" }, bad);
  }
});
