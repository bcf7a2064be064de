import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { type TestContext, test } from "node:test";
import type { FaultCode } from "@gridledger/protocol/faults";
import { topics } from "@gridledger/protocol/topics";
import type { MqttClient } from "mqtt";
import { generate, publishPacket, subscribePacket } from "./packets.ts";
import {
  type Arena,
  accepted,
  arena,
  channel,
  closed,
  connectPacket,
  deferred,
  newMember,
  tokenOf,
} from "./support.ts";

/** The broker closed the attacker's connection, counted why, logged it, and serves the others. */
async function assertRefused(place: Arena, attacker: Socket, code: FaultCode): Promise<void> {
  await closed(attacker);
  assert.deepEqual(place.broker.stats.refusals, { [code]: 1 });
  assert.equal(place.log.lines.length, 1);
  await place.assertServes();
}

async function sendRaw(t: TestContext, bytes: Buffer): Promise<[Arena, Socket]> {
  const place = await arena(t);
  const socket = await place.rawSocket();
  socket.write(bytes);
  return [place, socket];
}

test("garbage as the first packet", async (t) => {
  const [place, socket] = await sendRaw(t, Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  await assertRefused(place, socket, "MQTT_PROTOCOL");
});

test("a CONNECT that mqtt-packet cannot parse", async (t) => {
  const [place, socket] = await sendRaw(t, Buffer.from([0x10, 4, 0xff, 0xff, 0x4d, 0x51]));
  await assertRefused(place, socket, "MQTT_PROTOCOL");
});

test("a stranger's claim of a 256 MB packet is not waited for", async (t) => {
  const [place, socket] = await sendRaw(t, Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
  await assertRefused(place, socket, "MQTT_PACKET_TOO_LARGE");
});

test("a CONNECT that comes a byte at a time is cut off", async (t) => {
  const place = await arena(t, { connectTimeoutMs: 100 });
  const socket = await place.rawSocket();
  const bytes = connectPacket(place.device);
  let sent = 0;
  const timer = setInterval(() => socket.write(bytes.subarray(sent++, sent)), 20);
  t.after(() => clearInterval(timer));
  await assertRefused(place, socket, "MQTT_CONNECT_TIMEOUT");
  assert.ok(sent < bytes.length);
});

test("a connection that says nothing is cut off", async (t) => {
  const place = await arena(t, { connectTimeoutMs: 50 });
  await assertRefused(place, await place.rawSocket(), "MQTT_CONNECT_TIMEOUT");
});

/** The return code of the broker's CONNACK. */
async function refusedConnect(place: Arena, bytes: Buffer): Promise<[Socket, number]> {
  const socket = await place.rawSocket();
  socket.write(bytes);
  const [connack] = await once(socket, "data");
  return [socket, connack[3]];
}

test("client ids named like members of Object.prototype", async (t) => {
  const place = await arena(t);
  const names = Object.getOwnPropertyNames(Object.prototype);
  for (const clientId of names) {
    const [socket, code] = await refusedConnect(place, connectPacket(place.device, { clientId }));
    assert.equal(code, 2, clientId);
    await closed(socket);
  }
  assert.deepEqual(place.broker.stats.refusals, { MQTT_CLIENT_ID: names.length });
  assert.equal(place.log.lines.length, 1);
  await place.assertServes();
});

const connects: readonly [string, FaultCode, number, (place: Arena) => Buffer][] = [
  ["MQTT 5", "MQTT_VERSION", 1, ({ device }) => connectPacket(device, { protocolVersion: 5 })],
  [
    "MQTT 3.1",
    "MQTT_VERSION",
    1,
    ({ device }) => connectPacket(device, { protocolVersion: 3, protocolId: "MQIsdp" }),
  ],
  ["a stored session", "MQTT_SESSION", 5, ({ device }) => connectPacket(device, { clean: false })],
  ["no keepalive", "MQTT_SESSION", 5, ({ device }) => connectPacket(device, { keepalive: 0 })],
  [
    "a will",
    "MQTT_WILL",
    5,
    ({ device, validator }) => {
      const topic = topics.status(channel, validator.id);
      const will = { topic, payload: Buffer.from("x"), qos: 0 as const, retain: false };
      return connectPacket(device, { will });
    },
  ],
  [
    "a token of another key",
    "MQTT_TOKEN_INVALID",
    4,
    ({ device, validator }) => {
      return connectPacket(validator, { password: Buffer.from(tokenOf(device)) });
    },
  ],
  [
    "no password",
    "MQTT_TOKEN_INVALID",
    4,
    ({ device }) => connectPacket(device, { password: Buffer.alloc(0) }),
  ],
  [
    "an old token",
    "MQTT_TOKEN_AGE",
    4,
    ({ device }) => {
      return connectPacket(device, {
        password: Buffer.from(tokenOf(device, Date.now() - 601_000)),
      });
    },
  ],
  [
    "an identity nobody enrolled",
    "MQTT_IDENTITY_UNKNOWN",
    5,
    () => connectPacket(newMember("device")),
  ],
  [
    "another's user name",
    "MQTT_CLIENT_ID",
    5,
    ({ device, validator }) => connectPacket(device, { username: validator.id }),
  ],
];
for (const [name, code, returnCode, packet] of connects) {
  test(`CONNECT with ${name}`, async (t) => {
    const place = await arena(t);
    const [socket, answered] = await refusedConnect(place, packet(place));
    assert.equal(answered, returnCode);
    await assertRefused(place, socket, code);
  });
}

test("a CONNECT that was overheard and is sent again", async (t) => {
  const place = await arena(t);
  const bytes = connectPacket(place.device);
  const first = await place.rawSocket();
  first.write(bytes);
  assert.equal((await once(first, "data"))[0][3], 0);
  const [socket, code] = await refusedConnect(place, bytes);
  assert.equal(code, 4);
  await assertRefused(place, socket, "MQTT_TOKEN_REUSED");
  assert.equal(first.closed, false, "the replay does not take the connection over");
});

const deviceTopic = (place: Arena) => topics.transaction(channel, place.device.id);
const afterConnect: readonly [string, FaultCode, (place: Arena) => Buffer][] = [
  [
    "a publish under another's id",
    "MQTT_PUBLISH_DENIED",
    ({ validator }) => publishPacket(topics.transaction(channel, validator.id), "x"),
  ],
  [
    "a device's consensus message",
    "MQTT_PUBLISH_DENIED",
    ({ device }) => publishPacket(topics.consensus(channel, "v", device.id), "x"),
  ],
  [
    "a forged $SYS message that would disconnect a client",
    "MQTT_TOPIC",
    ({ validator }) => publishPacket("$SYS/other/new/clients", validator.id),
  ],
  ["a topic of 7 levels", "MQTT_TOPIC", () => publishPacket("gl/main/t/a/b/c/d", "x")],
  ["a topic of 30,000 levels", "MQTT_TOPIC", () => publishPacket("/".repeat(30_000), "x")],
  ["a publish to a wildcard", "MQTT_TOPIC", () => publishPacket("gl/main/t/+", "x")],
  ["a filter of 4,000 levels", "MQTT_TOPIC", () => subscribePacket("/".repeat(4_000))],
  [
    "a retained message",
    "MQTT_RETAIN",
    (place) => {
      const topic = deviceTopic(place);
      return generate({ cmd: "publish", topic, payload: "x", qos: 0, retain: true, dup: false });
    },
  ],
  ["QoS 2", "MQTT_QOS", (place) => publishPacket(deviceTopic(place), "x", 2)],
  [
    "an oversized message",
    "MQTT_PACKET_TOO_LARGE",
    (place) => publishPacket(deviceTopic(place), Buffer.alloc(600 * 1024)),
  ],
  ["a second CONNECT", "MQTT_PROTOCOL", ({ device }) => connectPacket(device)],
];
for (const [name, code, packet] of afterConnect) {
  test(`a connected device sends ${name}`, async (t) => {
    const place = await arena(t);
    const socket = await place.rawClient(place.device);
    socket.write(packet(place));
    await assertRefused(place, socket, code);
  });
}

test("denied filters are answered 128 and the client stays", async (t) => {
  const place = await arena(t);
  const socket = await place.rawClient(place.device);
  const wanted = ["#", "gl/main/#", "$SYS/#", "gl/main/c/+/+", "gl/main/s/+"];
  const subscriptions = wanted.map((topic) => ({ topic, qos: 0 as const }));
  subscriptions.push({ topic: "gl/main/c/k/+", qos: 2 as 0 });
  socket.write(generate({ cmd: "subscribe", messageId: 9, subscriptions }));
  const [suback] = await once(socket, "data");
  assert.deepEqual([...suback.subarray(4)], [128, 128, 128, 128, 0, 128]);
  assert.deepEqual(place.broker.stats.refusals, { MQTT_SUBSCRIBE_DENIED: 4, MQTT_QOS: 1 });
  socket.write(generate({ cmd: "pingreq" }));
  assert.equal((await once(socket, "data"))[0][0], 0xd0);
  await place.assertServes();
});

test("filters of one client are capped", async (t) => {
  const place = await arena(t, { maxSubscriptionsPerClient: 2 });
  const client = place.mqttClient(place.device);
  await accepted(client);
  const grantOf = async (filter: string) => {
    const answered = deferred<number | undefined>();
    client.subscribe(filter, (_error, _granted, packet) => {
      answered.resolve((packet?.granted as number[] | undefined)?.[0]);
    });
    return await answered.promise;
  };
  assert.equal(await grantOf("gl/a/s/+"), 0);
  assert.equal(await grantOf("gl/b/s/+"), 0);
  assert.equal(await grantOf("gl/c/s/+"), 128);
  await client.unsubscribeAsync("gl/a/s/+");
  assert.equal(await grantOf("gl/c/s/+"), 0);
});

test("connections of one address are capped, and a place becomes free again", async (t) => {
  const place = await arena(t, { maxConnectionsPerAddress: 3 });
  const first = await place.rawSocket();
  const others = [await place.rawSocket(), await place.rawSocket()];
  await closed(await place.rawSocket());
  assert.deepEqual(place.broker.stats.refusals, { MQTT_CONNECTION_LIMIT: 1 });
  for (const socket of [first, ...others]) socket.destroy();
  await Promise.all([first, ...others].map(closed));
  await place.assertServes();
});

test("a client id is taken over by the same key, and presence follows the newer one", async (t) => {
  const place = await arena(t);
  const seen: boolean[] = [];
  let gone = deferred<void>();
  place.broker.onPresence(({ connected, clientId, role }) => {
    assert.deepEqual([clientId, role], [place.device.id, "device"]);
    seen.push(connected);
    if (!connected) gone.resolve();
  });
  const first = await place.rawClient(place.device);
  const second = await place.rawClient(place.device);
  await closed(first);
  second.write(generate({ cmd: "pingreq" }));
  assert.equal((await once(second, "data"))[0][0], 0xd0);
  assert.equal(seen.at(-1), true);
  gone = deferred();
  second.destroy();
  await gone.promise;
  assert.equal(seen.at(-1), false);
});

test("a revoked identity is disconnected and nobody else", async (t) => {
  const place = await arena(t);
  const revoked = await place.rawClient(place.device);
  const stays = await place.rawClient(place.validator);
  place.broker.disconnect(place.device.id);
  await closed(revoked);
  assert.equal(stays.closed, false);
});

interface Load {
  readonly payload: Buffer;
  readonly count: number;
  /** Messages under way at a time. More than one, so that they reach the broker in one chunk. */
  readonly window: number;
}

/** Publishes and reports how long the good subscriber ever waited for the next message, in ms. */
async function longestGap(place: Arena, writer: MqttClient, { payload, count, window }: Load) {
  const topic = topics.transaction(channel, place.device.id);
  const done = deferred<void>();
  let sent = 0;
  let heard = 0;
  let gap = 0;
  let last = performance.now();
  const send = () => {
    sent++;
    writer.publish(topic, payload);
  };
  const onHeard = () => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
    heard++;
    if (heard === count) done.resolve();
    else if (sent === heard) for (let next = 0; next < window && sent < count; next++) send();
  };
  const clientId = `${place.validator.id}-reader`;
  const reader = await place.readyLink(place.validator, { "gl/main/t/+": onHeard }, clientId);
  last = performance.now();
  send();
  await done.promise;
  await reader.stop();
  return gap;
}

for (const [size, count, window] of [
  [64 * 1024, 400, 8],
  [100, 60_000, 500],
] as const) {
  test(`a frozen subscriber does not hold up ${count} messages of ${size} bytes`, async (t) => {
    const limits = { drainTimeoutMs: 60_000, messagesPerSecond: 1e9, bytesPerSecond: 1e12 };
    const place = await arena(t, limits);
    const frozen = await place.rawClient(place.otherValidator);
    frozen.write(subscribePacket("gl/main/t/+"));
    await once(frozen, "data");
    frozen.pause();
    const writer = place.mqttClient(place.device);
    await accepted(writer);
    const gap = await longestGap(place, writer, { payload: Buffer.alloc(size, 1), count, window });
    t.diagnostic(`longest gap ${gap.toFixed(0)} ms, dropped ${place.broker.stats.dropped}`);
    assert.ok(gap < 1_000, `the good subscriber waited ${gap} ms`);
    assert.equal(frozen.closed, false);
    await place.assertServes();
  });
}

test("a subscriber that stays frozen is disconnected", async (t) => {
  const place = await arena(t, { drainTimeoutMs: 100, bytesPerSecond: 1e12 });
  const frozen = await place.rawClient(place.otherValidator);
  frozen.write(subscribePacket("gl/main/t/+"));
  await once(frozen, "data");
  frozen.pause();
  const gone = deferred<void>();
  place.broker.onPresence(({ connected }) => connected || gone.resolve());
  const topic = topics.transaction(channel, place.device.id);
  const timer = setInterval(() => place.broker.publish(topic, Buffer.alloc(256 * 1024)), 2);
  t.after(() => clearInterval(timer));
  await gone.promise;
  clearInterval(timer);
  assert.deepEqual(place.broker.stats.refusals, { MQTT_SLOW_SUBSCRIBER: 1 });
  assert.ok(place.broker.stats.dropped > 0);
  await place.assertServes();
});

test("a client over its rate is slowed down, not cut off, and loses nothing", async (t) => {
  const place = await arena(t, { messagesPerSecond: 1_000 });
  const writer = place.mqttClient(place.device);
  await accepted(writer);
  const topic = topics.transaction(channel, place.device.id);
  let heard = 0;
  let sent = 0;
  let all = deferred<void>();
  place.broker.subscribe(topic, () => {
    heard++;
    if (heard === sent) all.resolve();
  });
  const send = async (count: number) => {
    all = deferred();
    sent += count;
    for (let i = 0; i < count; i++) writer.publish(topic, "x");
    await all.promise;
  };
  const begin = performance.now();
  await send(500);
  await send(500);
  await send(500); // lent: half a second's worth more than there was
  const last = send(1_500);
  await place.assertServes();
  const served = performance.now() - begin;
  assert.ok(heard < sent, "others are served while this one waits");
  await last;
  const took = performance.now() - begin;
  t.diagnostic(
    `others served after ${served.toFixed(0)} ms, all heard after ${took.toFixed(0)} ms`,
  );
  assert.ok(took > 400, `${took} ms`);
  assert.equal(writer.connected, true);
  assert.deepEqual(place.broker.stats.refusals, {});
});
