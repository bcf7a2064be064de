import type { FaultCode } from "@gridledger/protocol/faults";
import type { BrokerLimits } from "./limits.ts";

// Control packet types, MQTT 3.1.1 §2.2.1
const CONNECT = 1;
const PUBLISH = 3;
const fromClients = new Set([PUBLISH, 4 /* PUBACK */, 8, 10, 12, 14]); // SUB, UNSUB, PING, DISCONNECT
const ofQos2 = new Set([5, 6, 7]);

/**
 * Reads the fixed headers (§2.2) of a client's bytes before aedes sees them, and keeps none of the
 * bytes. mqtt-packet has no size limit: aedes buffered 32 MB for a stranger whose first packet
 * claimed 256 MB (compare Mosquitto CVE-2023-0809). Here a claim is refused at its length field.
 */
export class PacketGate {
  readonly #limits: BrokerLimits;
  #accepted = false;
  #bytesBeforeAccept = 0;
  #sawConnect = false;
  /** First byte of the packet whose length is being read, or -1. */
  #header = -1;
  #length = 0;
  #lengthShift = 0;
  /** Bytes of the current packet still to come. */
  #body = 0;
  /** Packets and PUBLISH packets begun so far. */
  packets = 0;
  publishes = 0;

  constructor(limits: BrokerLimits) {
    this.#limits = limits;
  }

  /** The client is authenticated: the limits of clients apply from here on. */
  accept(): void {
    this.#accepted = true;
  }

  /** @returns why the connection must end, or undefined */
  inspect(chunk: Uint8Array): FaultCode | undefined {
    if (!this.#accepted) {
      this.#bytesBeforeAccept += chunk.length;
      if (this.#bytesBeforeAccept > this.#limits.maxConnectBytes) return "MQTT_PACKET_TOO_LARGE";
    }
    let at = 0;
    while (at < chunk.length) {
      if (this.#body > 0) {
        const skipped = Math.min(this.#body, chunk.length - at);
        this.#body -= skipped;
        at += skipped;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      const refusal = this.#header < 0 ? this.#onHeader(byte) : this.#onLength(byte);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #onHeader(byte: number): FaultCode | undefined {
    this.#header = byte;
    this.#length = 0;
    this.#lengthShift = 0;
    this.packets++;
    const type = byte >> 4;
    if (!this.#sawConnect) {
      this.#sawConnect = true;
      return byte === CONNECT << 4 ? undefined : "MQTT_PROTOCOL"; // [MQTT-3.1.0-1]
    }
    if (type === PUBLISH) {
      this.publishes++;
      if ((byte & 0b0100) !== 0) return "MQTT_QOS"; // QoS 2, or the forbidden 3
      return (byte & 0b0001) === 0 ? undefined : "MQTT_RETAIN";
    }
    if (fromClients.has(type)) return undefined; // a second CONNECT is not [MQTT-3.1.0-2]
    return ofQos2.has(type) ? "MQTT_QOS" : "MQTT_PROTOCOL";
  }

  /** Remaining length, §2.2.3: up to four bytes of seven bits, the lowest first. */
  #onLength(byte: number): FaultCode | undefined {
    this.#length |= (byte & 0x7f) << this.#lengthShift;
    if (this.#length > this.#maxLength()) return "MQTT_PACKET_TOO_LARGE";
    if ((byte & 0x80) === 0) {
      this.#body = this.#length;
      this.#header = -1;
      return undefined;
    }
    this.#lengthShift += 7;
    return this.#lengthShift > 21 ? "MQTT_PROTOCOL" : undefined;
  }

  #maxLength(): number {
    const { maxPublishBytes, maxControlBytes, maxConnectBytes } = this.#limits;
    if (!this.#accepted) return maxConnectBytes;
    return this.#header >> 4 === PUBLISH ? maxPublishBytes : maxControlBytes;
  }
}
