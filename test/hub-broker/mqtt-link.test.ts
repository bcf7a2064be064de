import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { topics } from "@gridledger/protocol/topics";
import { MqttLink } from "../../edge-node/src/transport/mqtt-link.ts";
import { Arena, arena, chainId, channel, deferred, newMember, stateOf, suite } from "./support.ts";

const CONNACK = Buffer.from([0x20, 2, 0, 0]);

/** A broker that accepts and then does what the test says, and remembers its sockets. */
async function fakeBroker(t: TestContext, onData: (socket: Socket, bytes: Buffer) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    server.emit("client", socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => onData(socket, bytes));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return { server, sockets, url: `mqtt://127.0.0.1:${port}` };
}

function linkTo(t: TestContext, urls: string[], options: object = {}): MqttLink {
  const { signer } = newMember("device");
  const link = new MqttLink({ suite, signer, chainId }, { urls, ...options });
  t.after(() => link.stop());
  return link;
}

test("a link finds a restarted broker again, subscribes again and sends a new token", async (t) => {
  const place = await arena(t);
  const heard: string[] = [];
  let arrived = deferred<void>();
  const reader = await place.readyLink(place.validator, {
    "gl/main/t/+": (_, payload) => {
      heard.push(Buffer.from(payload).toString());
      arrived.resolve();
    },
  });
  const writer = await place.readyLink(place.device);
  const topic = topics.transaction(channel, place.device.id);
  assert.equal(writer.publish(topic, Buffer.from("before")), true);
  await arrived.promise;

  await place.broker.stop();
  await Promise.all([stateOf(reader, false), stateOf(writer, false)]);
  assert.equal(writer.publish(topic, Buffer.from("while away")), false);
  arrived = deferred();
  const begin = performance.now();
  await place.broker.start().then(async () => {
    // The port was 0: bind the same one again.
    await place.broker.stop();
    await place.start({}, place.port);
  });
  await Promise.all([stateOf(reader, true), stateOf(writer, true)]);
  t.diagnostic(`ready again after ${(performance.now() - begin).toFixed(0)} ms`);
  writer.publish(topic, Buffer.from("after"));
  await arrived.promise;
  assert.deepEqual(heard, ["before", "after"]);
  assert.equal(writer.counters.connections, 2);
  assert.equal(writer.counters.dropped, 1);
});

test("the watchdog leaves a broker that fell silent and connects anew", async (t) => {
  const fake = await fakeBroker(t, (socket, bytes) => {
    if ((bytes[0] ?? 0) >> 4 === 1) socket.write(CONNACK);
  });
  const link = linkTo(t, [fake.url], { silenceMs: 120 });
  link.start();
  await stateOf(link, true);
  const begin = performance.now();
  await stateOf(link, false);
  const silentMs = performance.now() - begin;
  assert.ok(silentMs >= 90 && silentMs < 1_000, `${silentMs} ms`);
  await stateOf(link, true);
  assert.equal(fake.sockets.length, 2);
  assert.equal(fake.sockets[0]?.destroyed, true);
});

test("the watchdog leaves a broker that never answers CONNECT", async (t) => {
  const fake = await fakeBroker(t, () => {});
  const link = linkTo(t, [fake.url], { silenceMs: 60 });
  link.start();
  await once(fake.server, "client");
  await once(fake.server, "client");
  assert.equal(link.connected, false);
});

test("PINGRESP is enough to keep the watchdog quiet", async (t) => {
  let pings = 0;
  const enough = deferred<void>();
  const fake = await fakeBroker(t, (socket, bytes) => {
    if ((bytes[0] ?? 0) >> 4 === 1) socket.write(CONNACK);
    if (bytes[0] !== 0xc0) return;
    socket.write(Buffer.from([0xd0, 0]));
    if (++pings === 2) enough.resolve();
  });
  const link = linkTo(t, [fake.url], { keepaliveSeconds: 1, silenceMs: 1_500 });
  link.start();
  await enough.promise;
  assert.equal(fake.sockets.length, 1);
});

test("a list of brokers is tried in turn", async (t) => {
  const place = await arena(t);
  const gone = new Arena();
  await gone.start();
  const deadUrl = `mqtt://127.0.0.1:${gone.port}`;
  await gone.broker.stop();
  const link = place.link(place.device, { urls: [deadUrl, `mqtt://127.0.0.1:${place.port}`] });
  link.start();
  await stateOf(link, true);
});

test("publish refuses while the backlog is above the limit, and goes on afterwards", async (t) => {
  const fake = await fakeBroker(t, (socket, bytes) => {
    if ((bytes[0] ?? 0) >> 4 === 1) socket.write(CONNACK);
  });
  const link = linkTo(t, [fake.url], { maxBacklogBytes: 100_000 });
  link.start();
  await stateOf(link, true);
  fake.sockets[0]?.pause();
  const bytes = Buffer.alloc(50_000);
  let sent = 0;
  while (link.publish("gl/main/t/x", bytes)) {
    sent++;
    await new Promise(setImmediate);
  }
  assert.ok(link.writableBytes > 100_000 && link.writableBytes < 200_000);
  assert.equal(link.counters.dropped, 1);
  assert.ok(sent > 2);
  fake.sockets[0]?.resume();
  while (!link.publish("gl/main/t/x", bytes)) await new Promise(setImmediate);
});

test("stop is quick whatever the broker does, and idempotent", async (t) => {
  const frozen = await fakeBroker(t, (socket, bytes) => {
    if ((bytes[0] ?? 0) >> 4 === 1) socket.write(CONNACK);
    socket.pause();
  });
  const link = linkTo(t, [frozen.url]);
  link.start();
  link.start();
  await stateOf(link, true);
  for (let count = 0; count < 100; count++) link.publish("gl/main/t/x", Buffer.alloc(50_000));
  const begin = performance.now();
  await Promise.all([link.stop(), link.stop()]);
  assert.ok(performance.now() - begin < 1_000);
  assert.equal(link.connected, false);
  assert.equal(frozen.sockets.length, 1);
});

test("stop while waiting for a retry ends the retries", async (t) => {
  const gone = new Arena();
  await gone.start();
  await gone.broker.stop();
  const link = linkTo(t, [`mqtt://127.0.0.1:${gone.port}`]);
  link.start();
  await link.stop();
  assert.equal(link.connected, false);
});

test("a handler that throws does not end the process or the connection", async (t) => {
  const place = await arena(t);
  let calls = 0;
  const twice = deferred<void>();
  const reader = await place.readyLink(place.validator, {
    "gl/main/t/+": () => {
      if (++calls === 2) twice.resolve();
      throw new Error("handler");
    },
  });
  const writer = await place.readyLink(place.device);
  for (const text of ["1", "2"]) {
    writer.publish(topics.transaction(channel, place.device.id), Buffer.from(text));
  }
  await twice.promise;
  assert.equal(reader.connected, true);
  assert.equal(reader.counters.connections, 1);
});

test("a filter added on a live connection is subscribed at once", async (t) => {
  const place = await arena(t);
  const link = await place.readyLink(place.validator);
  const heard = deferred<string>();
  link.subscribe("gl/main/s/+", (topic) => heard.resolve(topic));
  const topic = topics.status(channel, place.validator.id);
  const timer = setInterval(() => link.publish(topic, Buffer.of(1)), 5);
  t.after(() => clearInterval(timer));
  assert.equal(await heard.promise, topic);
});

test("a link over a denied filter still serves the others", async (t) => {
  const place = await arena(t);
  const heard = deferred<string>();
  const link = await place.readyLink(place.device, {
    "gl/main/c/+/+": () => {},
    "gl/main/s/+": (topic) => heard.resolve(topic),
  });
  const topic = topics.status(channel, place.validator.id);
  place.broker.publish(topic, Buffer.of(1));
  assert.equal(await heard.promise, topic);
  assert.equal(link.connected, true);
});

test("a URL the link cannot use is refused at start", () => {
  const { signer } = newMember("device");
  for (const urls of [[], ["ws://x"], ["localhost:1883"], [""]]) {
    const link = new MqttLink({ suite, signer, chainId }, { urls });
    assert.throws(() => link.start(), { code: "CONFIG_INVALID" });
  }
});
