import { randomBytes } from "node:crypto";
import { connect as connectTcp, Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { encodeConnectToken } from "@gridledger/protocol/messages/connect-token";
import { MqttClient, type StreamBuilder } from "mqtt";
import { type MessageHandler, MqttFilterTable } from "./mqtt-filter-table.ts";
import { reconnectDelayMs } from "./reconnect-delay.ts";

const KEEPALIVE_SECONDS = 20;
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;
const STOP_TIMEOUT_MS = 300;
/** A connection that lasted this long was a good one: the next failure retries fast again. */
const STABLE_MS = 10_000;
const WATCHDOG_TICKS = 6;

/** Fits pino. */
interface Log {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
}

interface MqttLinkDeps {
  readonly suite: Suite;
  readonly signer: Signer;
  readonly chainId: Uint8Array;
  /** Where keys rotate: whose, and the key for an attempt after so many failures. */
  readonly identity?: {
    readonly id: Uint8Array;
    readonly key: (failures: number) => { readonly suite: Suite; readonly signer: Signer };
  };
  readonly log?: Log;
  /** Wall clock in ms, for the age of the connect token. */
  readonly now?: () => number;
  /** 0 ≤ x < 1, for the jitter of retries. */
  readonly random?: () => number;
}

interface MqttLinkOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. One connection; the next one is tried when it fails. */
  readonly urls: readonly string[];
  /** `<id hex>` (the default) or `<id hex>-<suffix>`. */
  readonly clientId?: string;
  readonly keepaliveSeconds?: number;
  /** Nothing heard for so long means a dead connection. Default 3 × keepalive. */
  readonly silenceMs?: number;
  readonly connectTimeoutMs?: number;
  /** `publish` refuses while the socket holds more than this. */
  readonly maxBacklogBytes?: number;
  /** For `mqtts:` URLs; asked at every attempt, so that a renewed certificate needs no restart. */
  readonly tls?: () => ClientTls;
}

/** What a TLS client shows and whom it believes, as PEM. */
export interface ClientTls {
  /** Authorities that the broker's certificate leads to. */
  readonly ca: string;
  readonly cert: string;
  /** PKCS#8. */
  readonly key: string;
}

export interface LinkCounters {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Publishes refused because there was no connection or too much backlog. */
  readonly dropped: number;
  readonly connections: number;
  readonly handlerErrors: number;
}

/** One attempt: mqtt.js client and its socket. Both live and die together. */
interface Attempt {
  readonly client: MqttClient;
  readonly socket: Socket;
  readonly url: string;
  /** When the broker accepted, or undefined. */
  acceptedAt: number | undefined;
}

/**
 * The MQTT 3.1.1 connection of a node, device or hub: QoS 0, clean session, and a retry that never
 * gives up. Every attempt is a fresh mqtt.js client over a socket of our own, because a client that is
 * reused can stay "connecting" for ever (mqttjs/MQTT.js PR #2052) and would repeat the same token.
 */
export class MqttLink {
  readonly #deps: MqttLinkDeps;
  readonly #options: MqttLinkOptions;
  readonly #table = new MqttFilterTable();
  readonly #stateCallbacks: ((connected: boolean) => void)[] = [];
  readonly #counters = {
    bytesIn: 0,
    bytesOut: 0,
    messagesIn: 0,
    messagesOut: 0,
    dropped: 0,
    connections: 0,
    handlerErrors: 0,
  };
  #running = false;
  #connected = false;
  #attempt: Attempt | undefined;
  #attempts = 0;
  #failures = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #watchdogTimer: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  constructor(deps: MqttLinkDeps, options: MqttLinkOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Begins to connect and returns at once. @throws Fault CONFIG_INVALID for a URL it cannot use */
  start(): void {
    if (this.#running) return;
    if (this.#options.urls.length === 0) throw new Fault("CONFIG_INVALID", "no broker URL");
    for (const url of this.#options.urls) parseUrl(url);
    this.#running = true;
    this.#stopping = undefined;
    this.#connect();
  }

  /** Sends DISCONNECT and closes, in less than a second whatever the broker does. */
  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  /** True when the broker accepted us and answered for every filter. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Bytes that wait in the socket. */
  get writableBytes(): number {
    return this.#attempt?.socket.writableLength ?? 0;
  }

  get counters(): LinkCounters {
    const socket = this.#attempt?.socket;
    return {
      ...this.#counters,
      bytesIn: this.#counters.bytesIn + (socket?.bytesRead ?? 0),
      bytesOut: this.#counters.bytesOut + (socket?.bytesWritten ?? 0),
    };
  }

  /**
   * QoS 0. False, and nothing is kept, when there is no connection or the socket's backlog is above
   * the limit: the protocol above retransmits. The bytes must not change afterwards.
   */
  publish(topic: string, bytes: Uint8Array): boolean {
    const attempt = this.#attempt;
    const limit = this.#options.maxBacklogBytes ?? MAX_BACKLOG_BYTES;
    if (!this.#connected || attempt === undefined || attempt.socket.writableLength > limit) {
      this.#counters.dropped++;
      return false;
    }
    attempt.client.publish(topic, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#counters.messagesOut++;
    return true;
  }

  /**
   * Calls the handler for every message under the filter, on this connection and all later ones.
   * Handlers only enqueue: a slow one blocks PINGRESP and kills the connection (MQTT.js #1935). The
   * payload is a view of up to 64 KiB of received bytes; copy what you keep for long. Own messages
   * come back when they match (3.1.1 has no "no local"), and a broker may repeat.
   *
   * @throws Fault CONFIG_INVALID for a filter with wildcards elsewhere than two `+` at the end
   */
  subscribe(filter: string, handler: MessageHandler): void {
    const isNew = this.#table.add(filter, handler);
    const attempt = this.#attempt;
    if (isNew && attempt?.acceptedAt !== undefined) this.#subscribeAll(attempt, [filter], noop);
  }

  /** Calls back when the connection is ready and when it is lost. */
  onState(callback: (connected: boolean) => void): void {
    this.#stateCallbacks.push(callback);
  }

  #connect(): void {
    const { urls } = this.#options;
    const url = urls[this.#attempts % urls.length] ?? "";
    this.#attempts++;
    const socket = this.#tryOpen(url);
    // mqtt.js types its streams as readable-stream's; a net.Socket is one in all it uses.
    const builder = (() => socket) as unknown as StreamBuilder;
    const client = new MqttClient(builder, this.#clientOptions());
    const attempt: Attempt = { client, socket, url, acceptedAt: undefined };
    this.#attempt = attempt;
    client.on("connect", () => this.#onAccepted(attempt));
    client.on("message", (topic, payload) => this.#onMessage(topic, payload));
    client.on("error", (error) => {
      this.#deps.log?.warn({ url, error: error.message }, "mqtt: connection error");
      // A refused CONNECT leaves the socket open until the broker closes it; we do not wait.
      socket.destroy();
    });
    socket.once("close", () => this.#onClosed(attempt));
    this.#watch(attempt);
  }

  /** A certificate file that is wrong just now fails this attempt and not the process. */
  #tryOpen(url: string): Socket {
    try {
      return this.#openSocket(parseUrl(url));
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      this.#deps.log?.warn({ url, code, error: message }, "mqtt: no connection can be opened");
      return new Socket().destroy();
    }
  }

  #openSocket(url: URL): Socket {
    // The URL keeps the brackets of an IPv6 host; connect() wants it without.
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const port = Number(url.port);
    if (url.protocol === "mqtt:") return connectTcp({ host, port: port || 1883, noDelay: true });
    const options = { ...this.#options.tls?.(), host, port: port || 8883 };
    const socket = connectTls({ ...options, minVersion: "TLSv1.2" });
    socket.setNoDelay(true);
    return socket;
  }

  #clientOptions() {
    const { identity, chainId, now = Date.now } = this.#deps;
    const { suite, signer } = identity?.key(this.#failures) ?? this.#deps;
    const keyId = identity?.id ?? identityId(suite.hash, signer.publicKey);
    const id = formatHex(keyId);
    const token = { timeMs: now(), nonce: randomBytes(16) };
    return {
      protocolVersion: 4 as const,
      clientId: this.#options.clientId ?? id,
      username: id,
      password: encodeConnectToken(suite, signer, chainId, token, keyId),
      clean: true,
      keepalive: this.#options.keepaliveSeconds ?? KEEPALIVE_SECONDS,
      connectTimeout: this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      queueQoSZero: false,
      resubscribe: false, // the table is subscribed at every connection
    };
  }

  #onAccepted(attempt: Attempt): void {
    if (this.#attempt !== attempt) return;
    attempt.acceptedAt = Date.now();
    this.#counters.connections++;
    const filters = this.#table.filters;
    if (filters.length === 0) this.#onReady(attempt);
    else this.#subscribeAll(attempt, filters, () => this.#onReady(attempt));
  }

  #subscribeAll(attempt: Attempt, filters: readonly string[], done: () => void): void {
    attempt.client.subscribe([...filters], { qos: 0 }, (error) => {
      if (this.#attempt !== attempt || attempt.socket.destroyed) return;
      // The broker answers 128 for a filter it denies; the others are in force.
      if (error) {
        const { url } = attempt;
        this.#deps.log?.warn({ url, filters, error: error.message }, "mqtt: subscription refused");
      }
      done();
    });
  }

  #onReady(attempt: Attempt): void {
    this.#deps.log?.info({ url: attempt.url }, "mqtt: connected");
    this.#setConnected(true);
  }

  #onMessage(topic: string, payload: Uint8Array): void {
    this.#counters.messagesIn++;
    try {
      this.#table.dispatch(topic, payload);
    } catch (error) {
      // Thrown into mqtt.js's parser it would end the process.
      this.#counters.handlerErrors++;
      this.#deps.log?.warn({ topic, error }, "mqtt: a message handler failed");
    }
  }

  #onClosed(attempt: Attempt): void {
    this.#counters.bytesIn += attempt.socket.bytesRead;
    this.#counters.bytesOut += attempt.socket.bytesWritten;
    attempt.client.end(true);
    if (this.#attempt !== attempt) return;
    this.#attempt = undefined;
    clearInterval(this.#watchdogTimer);
    this.#setConnected(false);
    if (this.#running) this.#retry(attempt);
  }

  #retry(attempt: Attempt): void {
    const { log, random = Math.random } = this.#deps;
    const { acceptedAt } = attempt;
    // A broker that accepts and closes at once (two processes with one client id) is a failure too.
    if (acceptedAt !== undefined && Date.now() - acceptedAt >= STABLE_MS) this.#failures = 0;
    const delayMs = reconnectDelayMs(this.#failures, this.#options.urls.length, random);
    this.#failures++;
    log?.info({ url: attempt.url, delayMs: Math.round(delayMs) }, "mqtt: not connected");
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
  }

  /**
   * Destroys an attempt on which no byte arrived for `silenceMs`. It counts ticks, not time, so that a
   * process that itself stood still does not blame the broker; and bytes, not packets, so that
   * neither a slow handler nor mqtt.js's own timers can hide or fake the silence.
   */
  #watch(attempt: Attempt): void {
    const keepaliveMs = (this.#options.keepaliveSeconds ?? KEEPALIVE_SECONDS) * 1000;
    const silenceMs = this.#options.silenceMs ?? 3 * keepaliveMs;
    let heard = 0;
    let silentTicks = 0;
    clearInterval(this.#watchdogTimer);
    this.#watchdogTimer = setInterval(() => {
      const { bytesRead } = attempt.socket;
      silentTicks = bytesRead === heard ? silentTicks + 1 : 0;
      heard = bytesRead;
      if (silentTicks < WATCHDOG_TICKS) return;
      this.#deps.log?.warn({ url: attempt.url, silenceMs }, "mqtt: nothing heard, connecting anew");
      attempt.socket.destroy();
    }, silenceMs / WATCHDOG_TICKS);
  }

  #setConnected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    for (const callback of this.#stateCallbacks) callback(connected);
  }

  async #close(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#watchdogTimer);
    const attempt = this.#attempt;
    if (attempt === undefined || attempt.socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => attempt.socket.destroy(), STOP_TIMEOUT_MS);
      attempt.socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      if (attempt.client.connected) attempt.client.end();
      else attempt.socket.destroy();
    });
  }
}

/** @throws Fault CONFIG_INVALID */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.hostname && (url.protocol === "mqtt:" || url.protocol === "mqtts:")) return url;
  throw new Fault("CONFIG_INVALID", `"${text}" is not mqtt://host:port or mqtts://host:port`);
}

function noop(): void {
  // nothing to do: the refusal was logged
}
