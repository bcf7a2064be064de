import type { Socket } from "node:net";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import type { FaultCode } from "@gridledger/protocol/faults";
import { Aedes } from "aedes";
import type { ClientCertificates } from "../tls/client-certificates.ts";
import type { ServerTls } from "../tls/server-tls.ts";
import { Authenticator, type Identities } from "./authenticator.ts";
import { connectHooks } from "./connect-hooks.ts";
import type { BrokerCounters } from "./connection.ts";
import { Connections, type Presence } from "./connections.ts";
import { type BrokerLimits, defaultLimits } from "./limits.ts";
import { Listener, type ListenerOptions } from "./listener.ts";
import { messageHooks } from "./message-hooks.ts";
import type { NonceKeeper } from "./nonce-window.ts";
import { type Log, Refusals } from "./refusals.ts";

const STOP_TIMEOUT_MS = 500;
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
  readonly #connections: Connections;
  readonly #counters: BrokerCounters = { messagesIn: 0, bytesIn: 0, deliveries: 0, dropped: 0 };
  readonly #listeners: Listener[] = [];
  readonly #subscriptions = new Map<AedesDeliver, string>();
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
    this.#connections = new Connections({
      limits: this.#limits,
      refusals: this.#refusals,
      counters: this.#counters,
      certificates: deps.certificates,
    });
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
        enter: (socket) => this.#connections.enter(socket),
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
    this.#connections.onPresence(callback);
  }

  /** Ends all connections of an identity, for when it is revoked. */
  disconnect(identity: string): void {
    this.#connections.disconnect(identity);
  }

  get stats(): BrokerStats {
    return {
      ...this.#counters,
      connections: this.#connections.total,
      refusals: this.#refusals.counts,
    };
  }

  async #createAedes(): Promise<Aedes> {
    const [connections, limits, counters] = [this.#connections, this.#limits, this.#counters];
    const aedes = await Aedes.createBroker({
      // Unlimited: a slot is held no longer than drainPatienceMs, and every client has at most one
      // chunk in flight. With a limit, slow subscribers hold the slots of all (moscajs/aedes#553).
      concurrency: 0,
      drainTimeout: 0, // see DrainGate
      connectTimeout: 2 * limits.connectTimeoutMs, // Connection has its own
      maxTopicLevels: 8,
      ...connectHooks({ connections, authenticator: this.#authenticator, limits }),
      ...messageHooks({ connections, limits, counters }),
    });
    // aedes 1.2 does so itself; 1.1 crashed without (moscajs/aedes registerClient).
    Object.assign(aedes, { clients: Object.create(null) });
    aedes.on("clientReady", (client) => connections.onReady(client));
    aedes.on("clientDisconnect", (client) => connections.onGone(client));
    aedes.on("clientError", (client, error) => connections.onError(client, error));
    aedes.on("connectionError", (client, error) => connections.onError(client, error));
    aedes.on("unsubscribe", (filters, client) => {
      for (const filter of filters) connections.of(client)?.filters.delete(filter);
    });
    // Without a listener an error of aedes's persistence ends the process.
    (aedes as NodeJS.EventEmitter).on("error", (error: Error) =>
      this.#deps.log.error({ error }, "broker: aedes failed"),
    );
    return aedes;
  }

  #onSocket(socket: Socket): void {
    const aedes = this.#aedes;
    if (aedes === undefined) {
      socket.destroy();
      return;
    }
    const connection = this.#connections.open(socket);
    if (connection === undefined) return;
    const client = aedes.handle(socket);
    const waitForDrain = connection.drain.wait.bind(connection.drain);
    Object.assign(client, { waitForDrain }); // see DrainGate
  }
}

function noop(): void {
  // nothing to do
}
