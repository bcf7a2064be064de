import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultLimits } from "../../hub/src/broker/limits.ts";
import { PacketGate } from "../../hub/src/broker/packet-gate.ts";
import { generate, publishPacket, subscribePacket } from "./packets.ts";

const connect = generate({
  cmd: "connect",
  protocolId: "MQTT",
  clientId: "a",
  keepalive: 1,
  clean: true,
});

function acceptedGate(): PacketGate {
  const gate = new PacketGate(defaultLimits);
  assert.equal(gate.inspect(connect), undefined);
  gate.accept();
  return gate;
}

test("a first packet that is not CONNECT is refused at its first byte", () => {
  for (let byte = 0; byte < 256; byte++) {
    const refusal = new PacketGate(defaultLimits).inspect(Buffer.of(byte));
    assert.equal(refusal, byte === 0x10 ? undefined : "MQTT_PROTOCOL");
  }
});

test("a length of 256 MB is refused at the length field, before and after CONNECT", () => {
  const claim = Buffer.from([0xff, 0xff, 0xff, 0x7f]);
  assert.equal(
    new PacketGate(defaultLimits).inspect(Buffer.concat([Buffer.of(0x10), claim])),
    "MQTT_PACKET_TOO_LARGE",
  );
  assert.equal(
    acceptedGate().inspect(Buffer.concat([Buffer.of(0x30), claim])),
    "MQTT_PACKET_TOO_LARGE",
  );
});

test("a length field of five bytes is refused", () => {
  const field = Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]);
  assert.equal(acceptedGate().inspect(field), "MQTT_PROTOCOL");
});

test("a PUBLISH of the largest size passes and one byte more does not", () => {
  const { maxPublishBytes } = defaultLimits;
  const largest = publishPacket("t", Buffer.alloc(maxPublishBytes - 3));
  assert.equal(acceptedGate().inspect(largest), undefined);
  const tooLarge = publishPacket("t", Buffer.alloc(maxPublishBytes - 2));
  assert.equal(acceptedGate().inspect(tooLarge), "MQTT_PACKET_TOO_LARGE");
});

test("a SUBSCRIBE may not be as large as a PUBLISH", () => {
  assert.equal(
    acceptedGate().inspect(subscribePacket("a".repeat(10_000))),
    "MQTT_PACKET_TOO_LARGE",
  );
});

test("what is sent before CONNACK is bounded in sum", () => {
  const gate = new PacketGate(defaultLimits);
  gate.inspect(connect);
  const small = publishPacket("t", Buffer.alloc(1000));
  const refusals = Array.from({ length: 9 }, () => gate.inspect(small));
  assert.equal(refusals.at(-1), "MQTT_PACKET_TOO_LARGE");
  assert.equal(refusals[0], undefined);
});

test("retained, QoS 2 and server packets are refused by their first byte", () => {
  assert.equal(acceptedGate().inspect(Buffer.of(0x31)), "MQTT_RETAIN");
  assert.equal(acceptedGate().inspect(Buffer.of(0x34)), "MQTT_QOS");
  assert.equal(acceptedGate().inspect(Buffer.of(0x36)), "MQTT_QOS");
  assert.equal(acceptedGate().inspect(Buffer.of(0x62)), "MQTT_QOS"); // PUBREL
  assert.equal(acceptedGate().inspect(Buffer.of(0x10)), "MQTT_PROTOCOL"); // a second CONNECT
  assert.equal(acceptedGate().inspect(Buffer.of(0x20)), "MQTT_PROTOCOL"); // CONNACK
  assert.equal(acceptedGate().inspect(Buffer.of(0xf0)), "MQTT_PROTOCOL");
});

test("packets are counted the same however the bytes are cut", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 });
  const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(sizes, cuts, (payloads, lengths) => {
      const gate = acceptedGate();
      const bytes = Buffer.concat(payloads.map((size) => publishPacket("a/b", Buffer.alloc(size))));
      let at = 0;
      for (let index = 0; at < bytes.length; index++) {
        const length = lengths[index % lengths.length] ?? 1;
        assert.equal(gate.inspect(bytes.subarray(at, at + length)), undefined);
        at += length;
      }
      assert.equal(gate.publishes, payloads.length);
      assert.equal(gate.packets, payloads.length + 1);
    }),
  );
});

test("any bytes at all neither throw nor pass more than the limits", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      new PacketGate(defaultLimits).inspect(bytes);
      acceptedGate().inspect(bytes);
    }),
  );
});
