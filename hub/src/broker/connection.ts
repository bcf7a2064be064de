import type { Socket } from "node:net";
import type { FaultCode } from "@gridledger/protocol/faults";
import type { CertifiedClient } from "../tls/client-certificates.ts";
import { denyPublish } from "./acl.ts";
import type { Authenticated } from "./authenticator.ts";
import { DrainGate } from "./drain-gate.ts";
import type { BrokerLimits } from "./limits.ts";
import { PacketGate } from "./packet-gate.ts";
import type { Refusals } from "./refusals.ts";
import { TokenBucket } from "./token-bucket.ts";

const MAX_CACHED_TOPICS = 256;

export interface BrokerCounters {
  messagesIn: number;
  bytesIn: number;
  deliveries: number;
  dropped: number;
}

interface ConnectionDeps {
  readonly socket: Socket;
  readonly limits: BrokerLimits;
  readonly refusals: Refusals;
  readonly counters: BrokerCounters;
}

/**
 * The broker's side of one socket: what may pass before aedes reads it, how fast, and who it is.
 * aedes pulls with `socket.read()`, so that is where the guard stands: no bytes are copied or
 * buffered a second time, and a pause is a read that returns nothing, which TCP passes on.
 */
export class Connection {
  readonly address: string;
  readonly drain: DrainGate;
  client: Authenticated | undefined;
  clientId = "";
  /** Whose certificate the connection was opened with; undefined in the clear. */
  certified: CertifiedClient | undefined;
  /** Filters in force. */
  readonly filters = new Set<string>();
  readonly #deps: ConnectionDeps;
  readonly #gate: PacketGate;
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  /** Topics the client may publish on: the ACL is asked once for each. */
  readonly #allowedTopics = new Set<string>();
  readonly #read: Socket["read"];
  #connectTimer: NodeJS.Timeout | undefined;
  #renewalTimer: NodeJS.Timeout | undefined;
  #pauseTimer: NodeJS.Timeout | undefined;

  constructor(deps: ConnectionDeps) {
    const { socket, limits } = deps;
    this.#deps = deps;
    this.address = socket.remoteAddress ?? "";
    this.#gate = new PacketGate(limits);
    this.#messages = new TokenBucket(limits.messagesPerSecond, performance.now());
    this.#bytes = new TokenBucket(limits.bytesPerSecond, performance.now());
    this.#read = socket.read.bind(socket);
    this.drain = new DrainGate(socket, {
      patienceMs: limits.drainPatienceMs,
      timeoutMs: limits.drainTimeoutMs,
      onFrozen: () => this.refuse("MQTT_SLOW_SUBSCRIBER"),
    });
  }

  /** Puts the guard in place; call before aedes gets the socket. */
  start(): void {
    const { socket, limits } = this.#deps;
    socket.read = (size?: number) => this.#guardedRead(size);
    socket.once("close", () => this.#onClose());
    this.#connectTimer = setTimeout(
      () => this.refuse("MQTT_CONNECT_TIMEOUT"),
      limits.connectTimeoutMs,
    );
  }

  accept(client: Authenticated): void {
    this.client = client;
    this.#gate.accept();
    clearTimeout(this.#connectTimer);
    if (!client.mayOnlyRenew) return;
    this.#renewalTimer = setTimeout(() => this.close(), this.#deps.limits.renewalMs);
  }

  /** Counts, logs and ends the connection; a connection ends for one reason only. */
  refuse(code: FaultCode, data: object = {}): void {
    if (this.#deps.socket.destroyed) return;
    this.count(code, data);
    this.#deps.socket.destroy();
  }

  /** Ends the connection without blame. */
  close(): void {
    this.#deps.socket.destroy();
  }

  count(code: FaultCode, data: object = {}): void {
    this.#deps.refusals.add(code, { address: this.address, clientId: this.clientId, ...data });
  }

  /** @returns why the client may not publish there, or undefined */
  denyPublish(topic: string): FaultCode | undefined {
    if (this.#allowedTopics.has(topic)) return undefined;
    if (this.client === undefined) return "MQTT_PUBLISH_DENIED";
    const denied = denyPublish(this.client, topic);
    if (denied !== undefined) return denied;
    if (this.#allowedTopics.size >= MAX_CACHED_TOPICS) this.#allowedTopics.clear();
    this.#allowedTopics.add(topic);
    return undefined;
  }

  #guardedRead(size: number | undefined): Buffer | null {
    // Node's own read(0) only starts the next read of the kernel's buffer.
    if (size === 0) return this.#read(0);
    if (this.#pauseTimer !== undefined || this.#mustPause()) return null;
    const chunk: Buffer | null = this.#read(size);
    if (chunk === null) return null;
    const { counters } = this.#deps;
    const { packets, publishes } = this.#gate;
    const refusal = this.#gate.inspect(chunk);
    counters.bytesIn += chunk.length;
    counters.messagesIn += this.#gate.publishes - publishes;
    this.#messages.take(this.#gate.packets - packets);
    this.#bytes.take(chunk.length);
    if (refusal === undefined) return chunk;
    this.refuse(refusal);
    return null;
  }

  /** True, and reading goes on later by itself, when the client is over its rate or does not read. */
  #mustPause(): boolean {
    const { socket, limits } = this.#deps;
    const now = performance.now();
    let waitMs = Math.max(this.#messages.waitMs(now), this.#bytes.waitMs(now));
    // Only answers (PINGRESP, PUBACK, SUBACK) can fill the socket beyond the backlog limit.
    if (socket.writableLength > 2 * limits.maxSubscriberBacklogBytes) waitMs = Math.max(waitMs, 50);
    if (waitMs === 0) return false;
    this.#pauseTimer = setTimeout(() => {
      this.#pauseTimer = undefined;
      socket.emit("readable");
    }, waitMs);
    return true;
  }

  #onClose(): void {
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#renewalTimer);
    clearTimeout(this.#pauseTimer);
    this.#allowedTopics.clear();
  }
}
