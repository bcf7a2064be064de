import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { topics } from "@gridledger/protocol/topics";
import { Broker } from "../../hub/src/broker/broker.ts";
import { Arena, arena, channel, deferred, LogBook, stateOf, suite } from "./support.ts";

test("the hub publishes and subscribes in its own process", async (t) => {
  const place = await arena(t);
  const own: string[] = [];
  const end = place.broker.subscribe("gl/main/+/+", (topic) => own.push(topic));
  const heard = deferred<string>();
  await place.readyLink(place.validator, {
    [`gl/main/f/${place.validator.id}/+`]: (topic) => heard.resolve(topic),
  });
  const receipt = topics.receipt(channel, place.validator.id, place.otherValidator.id);
  assert.equal(place.broker.publish(receipt, Buffer.from("r")), true);
  assert.equal(await heard.promise, receipt);
  await place.assertServes();
  assert.equal(own.length, 1);
  end();
  await place.assertServes();
  assert.equal(own.length, 1);
  assert.equal(place.broker.stats.messagesIn, 2);
});

test("a handler of the hub that throws is logged and harms nobody", async (t) => {
  const place = await arena(t);
  place.broker.subscribe("gl/main/t/+", () => {
    throw new Error("handler");
  });
  await place.assertServes();
  assert.equal(place.log.lines[0]?.message, "broker: a message handler failed");
});

test("subscriptions made before the start are served", async (t) => {
  const place = new Arena();
  t.after(() => place.close());
  const log = new LogBook();
  const broker = new Broker(
    { identities: { find: () => undefined }, suite, log },
    { chainId: Buffer.alloc(32), host: "127.0.0.1", port: 0 },
  );
  place.broker = broker;
  const heard = deferred<Uint8Array>();
  broker.subscribe("gl/main/t/+", (_, payload) => heard.resolve(payload));
  assert.equal(broker.publish("gl/main/t/x", Buffer.from("x")), false);
  await broker.start();
  broker.publish("gl/main/t/x", Buffer.from("y"));
  assert.equal(Buffer.from(await heard.promise).toString(), "y");
});

test("a port in use is a fault the caller can act on", async (t) => {
  const place = await arena(t);
  const second = new Arena();
  await assert.rejects(second.start({}, place.port), {
    code: "PORT_IN_USE",
    data: { port: place.port },
  });
  await second.start({}, 0);
  await second.broker.stop();
  await place.assertServes();
});

test("stop closes everything within a second, twice does no harm, and it starts again", async (t) => {
  const place = await arena(t);
  const clients = await Promise.all([
    place.rawClient(place.device),
    place.rawClient(place.validator),
    place.rawSocket(),
  ]);
  const ends = clients.map((socket) => once(socket.resume(), "close"));
  const begin = performance.now();
  await Promise.all([place.broker.stop(), place.broker.stop()]);
  assert.ok(performance.now() - begin < 1_000);
  await Promise.all(ends);
  assert.equal(place.broker.stats.connections, 0);
  await place.broker.stop();
  ({ port: place.port } = await place.broker.start());
  await place.assertServes();
});

test("statistics count what passes", async (t) => {
  const place = await arena(t);
  const heard = deferred<void>();
  const reader = await place.readyLink(place.validator, { "gl/main/t/+": () => heard.resolve() });
  const writer = await place.readyLink(place.device);
  writer.publish(topics.transaction(channel, place.device.id), Buffer.alloc(1000));
  await heard.promise;
  const { connections, messagesIn, bytesIn, deliveries, dropped } = place.broker.stats;
  assert.deepEqual(
    { connections, messagesIn, deliveries, dropped },
    {
      connections: 2,
      messagesIn: 1,
      deliveries: 1,
      dropped: 0,
    },
  );
  assert.equal(bytesIn, reader.counters.bytesOut + writer.counters.bytesOut);
  await writer.stop();
  await stateOf(writer, false);
});
