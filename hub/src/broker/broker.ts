import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault, type FaultCode } from "@gridledger/protocol/faults";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { Aedes, type Client } from "aedes";
import type { ClientCertificates } from "../tls/client-certificates.ts";
import type { ServerTls } from "../tls/server-tls.ts";
import { denySubscribe } from "./acl.ts";
import { Authenticator, type Identities } from "./authenticator.ts";
import { certifiedClient } from "./certified-client.ts";
import { checkConnect } from "./connect-rules.ts";
import { type BrokerCounters, Connection } from "./connection.ts";
import { ConnectionCaps } from "./connection-caps.ts";
import { type BrokerLimits, defaultLimits } from "./limits.ts";
import { Listener, type ListenerOptions } from "./listener.ts";
import type { NonceKeeper } from "./nonce-window.ts";
import { type Log, Refusals } from "./refusals.ts";

const STOP_TIMEOUT_MS = 500;
/** Where nobody listens: no filter of a client or the hub covers it. */
const NOWHERE = "nowhere";

interface BrokerDeps {
  readonly identities: Identities;
  readonly suite: Suite;
  readonly log: Log;
  /** Wall clock in ms, for the age of connect tokens. */
  readonly now?: () => number;
  /** Judges who connects over TLS; needed where a listener has it. */
  readonly certificates?: ClientCertificates;
  /** Without one a restart forgets used nonces. */
  readonly nonces?: NonceKeeper;
}

interface BrokerOptions extends Partial<BrokerLimits> {
  readonly chainId: Uint8Array;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Without it the port speaks in the clear. */
  readonly tls?: ServerTls;
}

type Deliver = (topic: string, payload: Uint8Array) => void;
type AedesDeliver = Parameters<Aedes["subscribe"]>[1];

/** A client came or went. */
export interface Presence {
  readonly identity: string;
  readonly clientId: string;
  readonly role: Role;
  readonly connected: boolean;
}

export interface BrokerStats extends Readonly<BrokerCounters> {
  readonly connections: number;
  readonly refusals: Readonly<Partial<Record<FaultCode, number>>>;
}

/**
 * The embedded MQTT 3.1.1 broker: aedes behind a guard. It is part of the network, not of the
 * trust: it keeps strangers and floods out, and every message is still signed.
 */
export class Broker {
  readonly #deps: BrokerDeps;
  readonly #options: BrokerOptions;
  readonly #limits: BrokerLimits;
  readonly #refusals: Refusals;
  readonly #authenticator: Authenticator;
  readonly #caps: ConnectionCaps;
  readonly #counters: BrokerCounters = { messagesIn: 0, bytesIn: 0, deliveries: 0, dropped: 0 };
  /** By socket, because that is what aedes's hooks carry. */
  readonly #connections = new WeakMap<object, Connection>();
  readonly #listeners: Listener[] = [];
  /** Clients whose CONNECT was accepted, by client id. */
  readonly #ready = new Map<string, Connection>();
  readonly #subscriptions = new Map<AedesDeliver, string>();
  readonly #presenceCallbacks: ((presence: Presence) => void)[] = [];
  #aedes: Aedes | undefined;

  constructor(deps: BrokerDeps, options: BrokerOptions) {
    const { identities, suite, log, nonces, now = Date.now } = deps;
    this.#deps = deps;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options };
    this.#refusals = new Refusals(log, now);
    this.#authenticator = new Authenticator(
      { identities, suite, chainId: options.chainId, now, nonces },
      this.#limits.tokenWindowMs,
    );
    this.#caps = new ConnectionCaps(
      this.#limits.maxConnections,
      this.#limits.maxConnectionsPerAddress,
    );
  }

  /** @throws Fault PORT_IN_USE */
  async start(): Promise<{ port: number }> {
    const aedes = await this.#createAedes();
    this.#aedes = aedes;
    try {
      const started = await this.listen(this.#options);
      for (const [deliver, filter] of this.#subscriptions) aedes.subscribe(filter, deliver, noop);
      return started;
    } catch (thrown) {
      this.#aedes = undefined;
      aedes.close();
      throw thrown;
    }
  }

  /** One more port of a broker that runs. @throws Fault PORT_IN_USE */
  async listen(options: Pick<ListenerOptions, "host" | "port" | "tls">): Promise<{ port: number }> {
    const listener = new Listener(
      {
        enter: (socket) => this.#enter(socket),
        onSocket: (socket) => this.#onSocket(socket),
        onHandshakeFailed: (address, reason) =>
          this.#refusals.add("TLS_HANDSHAKE", { address, reason: reason.slice(0, 100) }),
      },
      { ...options, handshakeTimeoutMs: this.#limits.connectTimeoutMs },
    );
    const started = await listener.start();
    this.#listeners.push(listener);
    return started;
  }

  /** New certificates for those who connect from now on. */
  renewTls(tls: ServerTls): void {
    for (const listener of this.#listeners) listener.renew(tls);
  }

  /** Closes every connection and the ports, in less than a second. */
  async stop(): Promise<void> {
    const aedes = this.#aedes;
    this.#aedes = undefined;
    if (aedes === undefined) return;
    const closed = this.#listeners.splice(0).map((listener) => listener.stop());
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, STOP_TIMEOUT_MS);
      aedes.close(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    await Promise.all(closed);
  }

  /**
   * Publishes for the hub itself, without ACL and limits. The bytes must not change afterwards.
   * @returns false when the broker does not run
   */
  publish(topic: string, bytes: Uint8Array): boolean {
    return this.#publish(topic, bytes, false);
  }

  /** Publishes for the hub itself, to those who subscribe later too. No client may. */
  publishRetained(topic: string, bytes: Uint8Array): boolean {
    return this.#publish(topic, bytes, true);
  }

  #publish(topic: string, bytes: Uint8Array, retain: boolean): boolean {
    if (this.#aedes === undefined) return false;
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const packet = { cmd: "publish", topic, payload, qos: 0, retain, dup: false } as const;
    this.#aedes.publish(packet, (error) => {
      if (error) this.#deps.log.error({ topic, error: error.message }, "broker: publish failed");
    });
    return true;
  }

  /**
   * Delivers to the hub itself, its own publishes included. The handler only enqueues; the payload is
   * a view of received bytes, so copy what you keep for long.
   * @returns ends the subscription
   */
  subscribe(filter: string, handler: Deliver): () => void {
    const deliver: AedesDeliver = (packet, done) => {
      this.#counters.deliveries++;
      try {
        handler(packet.topic, packet.payload as Buffer);
      } catch (error) {
        this.#deps.log.error({ topic: packet.topic, error }, "broker: a message handler failed");
      }
      done();
    };
    this.#subscriptions.set(deliver, filter);
    this.#aedes?.subscribe(filter, deliver, noop);
    return () => {
      this.#subscriptions.delete(deliver);
      this.#aedes?.unsubscribe(filter, deliver, noop);
    };
  }

  onPresence(callback: (presence: Presence) => void): void {
    this.#presenceCallbacks.push(callback);
  }

  /** Ends all connections of an identity, for when it is revoked. */
  disconnect(identity: string): void {
    for (const connection of this.#ready.values()) {
      if (connection.client?.identity === identity) connection.close();
    }
  }

  get stats(): BrokerStats {
    return {
      ...this.#counters,
      connections: this.#caps.total,
      refusals: this.#refusals.counts,
    };
  }

  async #createAedes(): Promise<Aedes> {
    const aedes = await Aedes.createBroker({
      // Unlimited: a slot is held no longer than drainPatienceMs, and every client has at most one
      // chunk in flight. With a limit, slow subscribers hold the slots of all (moscajs/aedes#553).
      concurrency: 0,
      drainTimeout: 0, // see DrainGate
      connectTimeout: 2 * this.#limits.connectTimeoutMs, // Connection has its own
      maxTopicLevels: 8,
      ...this.#connectHooks(),
      ...this.#messageHooks(),
    });
    // aedes 1.2 does so itself; 1.1 crashed without (moscajs/aedes registerClient).
    Object.assign(aedes, { clients: Object.create(null) });
    aedes.on("clientReady", (client) => this.#onReady(client));
    aedes.on("clientDisconnect", (client) => this.#onGone(client));
    aedes.on("clientError", (client, error) => this.#onClientError(client, error));
    aedes.on("connectionError", (client, error) => this.#onClientError(client, error));
    aedes.on("unsubscribe", (filters, client) => {
      for (const filter of filters) this.#of(client)?.filters.delete(filter);
    });
    // Without a listener an error of aedes's persistence ends the process.
    (aedes as NodeJS.EventEmitter).on("error", (error: Error) =>
      this.#deps.log.error({ error }, "broker: aedes failed"),
    );
    return aedes;
  }

  #connectHooks(): Pick<Aedes, "preConnect" | "authenticate"> {
    return {
      preConnect: (client, packet, done) => {
        const refusal = checkConnect(packet, this.#limits.maxKeepaliveSeconds);
        const connection = this.#of(client);
        if (refusal !== undefined) {
          connection?.count(refusal.code, { claimed: packet.clientId.slice(0, 45) });
          client.conn.write(Buffer.from([0x20, 2, 0, refusal.returnCode])); // CONNACK, §3.2
          done(new Fault(refusal.code), false);
          return;
        }
        if (connection !== undefined) connection.clientId = packet.clientId;
        done(null, true);
      },
      authenticate: (client, userName, password, done) => {
        const connection = this.#of(client);
        try {
          if (connection === undefined) throw new Fault("INTERNAL");
          const text = password?.toString("latin1") ?? "";
          const { clientId, certified } = connection;
          const client = this.#authenticator.authenticate(clientId, userName, text);
          connection.accept(certifiedClient(client, certified));
          done(null, true);
        } catch (thrown) {
          const fault = asFault(thrown);
          connection?.count(fault.code);
          done(Object.assign(fault, { returnCode: fault.code.includes("TOKEN") ? 4 : 5 }), false);
        }
      },
    };
  }

  #messageHooks(): Pick<Aedes, "authorizePublish" | "authorizeSubscribe" | "authorizeForward"> {
    const maxBacklog = this.#limits.maxSubscriberBacklogBytes;
    const counters = this.#counters;
    return {
      authorizePublish: (client, packet, done) => {
        const connection = client === null ? undefined : this.#of(client);
        const denied = connection?.denyPublish(packet.topic);
        if (connection !== undefined && denied === undefined) {
          done(null);
          return;
        }
        const code = denied ?? "MQTT_PUBLISH_DENIED";
        connection?.count(code, { topic: packet.topic.slice(0, 64) });
        // MQTT 3.1.1 cannot refuse one publish [MQTT-3.3.5-2]: aedes disconnects. Who waits for a new
        // certificate would then never hear of it; what else it says is dropped.
        const isDropped = connection?.client?.mayOnlyRenew && denied === "MQTT_PUBLISH_DENIED";
        if (isDropped) Object.assign(packet, { topic: NOWHERE, payload: Buffer.alloc(0) });
        done(isDropped ? null : new Fault(code));
      },
      authorizeSubscribe: (client, subscription, done) => {
        const denied = this.#denySubscribe(client, subscription.topic, subscription.qos);
        const { topic } = subscription;
        if (denied !== undefined) this.#of(client)?.count(denied, { filter: topic.slice(0, 64) });
        // null makes aedes answer 128 for this filter [MQTT-3.9.3-2].
        done(null, denied === undefined ? subscription : null);
      },
      authorizeForward: (client, packet) => {
        if (client.conn.writableLength > maxBacklog) {
          counters.dropped++;
          return null;
        }
        counters.deliveries++;
        return packet;
      },
    };
  }

  #denySubscribe(client: Client, filter: string, qos: number): FaultCode | undefined {
    const connection = this.#of(client);
    if (connection?.client === undefined) return "MQTT_SUBSCRIBE_DENIED";
    if (qos === 2) return "MQTT_QOS";
    const denied = denySubscribe(connection.client, filter);
    if (denied !== undefined) return denied;
    const { filters } = connection;
    filters.add(filter);
    if (filters.size <= this.#limits.maxSubscriptionsPerClient) return undefined;
    filters.delete(filter);
    return "MQTT_SUBSCRIBE_DENIED";
  }

  #enter(socket: Socket): boolean {
    const { remoteAddress: address = "" } = socket;
    if (!this.#caps.enter(address)) {
      this.#refusals.add("MQTT_CONNECTION_LIMIT", { address });
      return false;
    }
    socket.once("close", () => this.#caps.leave(address));
    return true;
  }

  #onSocket(socket: Socket): void {
    const aedes = this.#aedes;
    if (aedes === undefined) {
      socket.destroy();
      return;
    }
    const connection = new Connection({
      socket,
      limits: this.#limits,
      refusals: this.#refusals,
      counters: this.#counters,
    });
    if (socket instanceof TLSSocket && !this.#certify(socket, connection)) return;
    this.#connections.set(socket, connection);
    connection.start();
    const client = aedes.handle(socket);
    const waitForDrain = connection.drain.wait.bind(connection.drain);
    Object.assign(client, { waitForDrain }); // see DrainGate
  }

  /** Learns who stands behind a TLS connection, or ends it. */
  #certify(socket: TLSSocket, connection: Connection): boolean {
    socket.on("error", noop);
    try {
      connection.certified = this.#deps.certificates?.check(socket);
      if (connection.certified === undefined) throw new Fault("TLS_CERTIFICATE_MISSING");
      return true;
    } catch (thrown) {
      connection.refuse(asFault(thrown).code);
      return false;
    }
  }

  #onReady(client: Client): void {
    const connection = this.#of(client);
    if (connection?.client === undefined) return;
    this.#ready.set(connection.clientId, connection);
    this.#tellPresence(connection, true);
  }

  #onGone(client: Client): void {
    const connection = this.#of(client);
    // After a takeover the place belongs to the newer connection.
    if (connection === undefined || this.#ready.get(connection.clientId) !== connection) return;
    this.#ready.delete(connection.clientId);
    this.#tellPresence(connection, false);
  }

  #tellPresence({ client, clientId }: Connection, connected: boolean): void {
    if (client === undefined) return;
    for (const callback of this.#presenceCallbacks) callback({ ...client, clientId, connected });
  }

  #onClientError(client: Client, error: Error): void {
    const code = codeOfError(error);
    if (code !== undefined) this.#of(client)?.count(code, { reason: error.message.slice(0, 100) });
  }

  #of(client: Client): Connection | undefined {
    return this.#connections.get(client.conn);
  }
}

/** The code of what aedes or mqtt-packet refused by itself; undefined for what is no refusal. */
function codeOfError(error: Error): FaultCode | undefined {
  if (error instanceof Fault) return undefined; // counted where it was made
  if ("code" in error) return undefined; // ECONNRESET and its like: a lost connection
  if (/^(keep alive timeout|connection closed)$/.test(error.message)) return undefined;
  if (/too many levels|PUBLISH|SUBSCRIBE/.test(error.message)) return "MQTT_TOPIC";
  return "MQTT_PROTOCOL";
}

function noop(): void {
  // nothing to do
}
