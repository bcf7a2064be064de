import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { Connection } from "../../hub/src/broker/connection.ts";
import { defaultLimits } from "../../hub/src/broker/limits.ts";
import { Refusals } from "../../hub/src/broker/refusals.ts";
import { generate } from "./packets.ts";
import { LogBook } from "./support.ts";

/** As much of a socket as the guard uses. */
class FakeSocket extends EventEmitter {
  remoteAddress = "10.0.0.1";
  writableLength = 0;
  destroyed = false;
  chunks: Buffer[] = [];
  read(): Buffer | null {
    return this.chunks.shift() ?? null;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

function guarded() {
  const fake = new FakeSocket();
  const socket = fake as unknown as Socket;
  const counters = { messagesIn: 0, bytesIn: 0, deliveries: 0, dropped: 0 };
  const refusals = new Refusals(new LogBook(), Date.now);
  const connection = new Connection({ socket, limits: defaultLimits, refusals, counters });
  connection.start();
  return { fake, socket, connection, refusals };
}

const connect = generate({
  cmd: "connect",
  protocolId: "MQTT",
  clientId: "a",
  keepalive: 1,
  clean: true,
});

test("a client that does not read its answers is not read, until it does", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { fake, socket } = guarded();
  fake.chunks = [connect];
  fake.writableLength = 2 * defaultLimits.maxSubscriberBacklogBytes + 1;
  assert.equal(socket.read(), null);
  let woken = 0;
  socket.on("readable", () => woken++);
  fake.writableLength = 0;
  assert.equal(socket.read(), null, "the pause lasts");
  t.mock.timers.tick(50);
  assert.equal(woken, 1);
  assert.equal(socket.read(), connect);
  fake.destroy();
});

test("bytes that are refused never reach the reader", () => {
  const { fake, socket, refusals } = guarded();
  fake.chunks = [Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])];
  assert.equal(socket.read(), null);
  assert.equal(fake.destroyed, true);
  assert.deepEqual(refusals.counts, { MQTT_PACKET_TOO_LARGE: 1 });
});

test("a subscriber whose socket is full holds others up once, not at every message", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setImmediate"] });
  const { fake, connection, refusals } = guarded();
  connection.accept({ identity: "a", role: "device" });
  let released = 0;
  const wait = () => connection.drain.wait(() => released++);
  wait();
  wait();
  t.mock.timers.tick(defaultLimits.drainPatienceMs - 1);
  assert.equal(released, 0);
  t.mock.timers.tick(1);
  t.mock.timers.tick(0);
  assert.equal(released, 2);
  wait();
  t.mock.timers.tick(0);
  assert.equal(released, 3, "nobody waits for a stalled socket");
  fake.emit("drain");
  wait();
  t.mock.timers.tick(1);
  t.mock.timers.tick(0);
  assert.equal(released, 4, "nor for one that stalls again at once");
  t.mock.timers.tick(defaultLimits.drainTimeoutMs);
  assert.equal(fake.destroyed, true);
  assert.deepEqual(refusals.counts, { MQTT_SLOW_SUBSCRIBER: 1 });
});

test("a socket that drains in time releases everybody and is forgiven", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setImmediate"] });
  const { fake, connection } = guarded();
  connection.accept({ identity: "a", role: "device" });
  let released = 0;
  connection.drain.wait(() => released++);
  fake.emit("drain");
  t.mock.timers.tick(0);
  assert.equal(released, 1);
  t.mock.timers.tick(10 * defaultLimits.drainTimeoutMs);
  assert.equal(fake.destroyed, false);
});
