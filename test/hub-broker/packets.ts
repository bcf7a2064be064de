import { createRequire } from "node:module";
import type { IConnectPacket, Packet } from "mqtt-packet";

/** The codec inside mqtt.js, for packets that mqtt.js would not send. */
const codec = createRequire(import.meta.url)("mqtt-packet") as {
  generate(packet: Packet): Buffer;
};

export type ConnectionFields = IConnectPacket;

export function generate(packet: Packet): Buffer {
  return codec.generate(packet);
}

export function publishPacket(topic: string, payload: Buffer | string, qos: 0 | 1 | 2 = 0): Buffer {
  const messageId = qos > 0 ? 1 : undefined;
  const packet = { cmd: "publish", topic, payload, qos, retain: false, dup: false, messageId };
  return generate(packet as Packet);
}

export function subscribePacket(filter: string): Buffer {
  const subscriptions = [{ topic: filter, qos: 0 as const }];
  return generate({ cmd: "subscribe", messageId: 1, subscriptions });
}
