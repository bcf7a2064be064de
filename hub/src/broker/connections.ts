import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { asFault, Fault, type FaultCode } from "@gridledger/protocol/faults";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { Client } from "aedes";
import type { ClientCertificates } from "../tls/client-certificates.ts";
import { type BrokerCounters, Connection } from "./connection.ts";
import { ConnectionCaps } from "./connection-caps.ts";
import type { BrokerLimits } from "./limits.ts";
import type { Refusals } from "./refusals.ts";

/** A client came or went. */
export interface Presence {
  readonly identity: string;
  readonly clientId: string;
  readonly role: Role;
  readonly connected: boolean;
}

interface ConnectionsDeps {
  readonly limits: BrokerLimits;
  readonly refusals: Refusals;
  readonly counters: BrokerCounters;
  /** Judges who connects over TLS; needed where a listener has it. */
  readonly certificates: ClientCertificates | undefined;
}

/** Who is connected: sockets within their caps, and clients whose CONNECT was accepted. */
export class Connections {
  readonly #deps: ConnectionsDeps;
  readonly #caps: ConnectionCaps;
  /** By socket, because that is what aedes's hooks carry. */
  readonly #bySocket = new WeakMap<object, Connection>();
  /** Clients whose CONNECT was accepted, by client id. */
  readonly #ready = new Map<string, Connection>();
  readonly #presenceCallbacks: ((presence: Presence) => void)[] = [];

  constructor(deps: ConnectionsDeps) {
    const { maxConnections, maxConnectionsPerAddress } = deps.limits;
    this.#deps = deps;
    this.#caps = new ConnectionCaps(maxConnections, maxConnectionsPerAddress);
  }

  get total(): number {
    return this.#caps.total;
  }

  of(client: Client): Connection | undefined {
    return this.#bySocket.get(client.conn);
  }

  onPresence(callback: (presence: Presence) => void): void {
    this.#presenceCallbacks.push(callback);
  }

  /** Ends all connections of an identity. */
  disconnect(identity: string): void {
    for (const connection of this.#ready.values()) {
      if (connection.client?.identity === identity) connection.close();
    }
  }

  /** Whether there is a place for the socket, which it then holds until it closes. */
  enter(socket: Socket): boolean {
    const { remoteAddress: address = "" } = socket;
    if (!this.#caps.enter(address)) {
      this.#deps.refusals.add("MQTT_CONNECTION_LIMIT", { address });
      return false;
    }
    socket.once("close", () => this.#caps.leave(address));
    return true;
  }

  /** Puts the guard before a socket; undefined where its certificate ended it. */
  open(socket: Socket): Connection | undefined {
    const { limits, refusals, counters } = this.#deps;
    const connection = new Connection({ socket, limits, refusals, counters });
    if (socket instanceof TLSSocket && !this.#certify(socket, connection)) return undefined;
    this.#bySocket.set(socket, connection);
    connection.start();
    return connection;
  }

  onReady(client: Client): void {
    const connection = this.of(client);
    if (connection?.client === undefined) return;
    this.#ready.set(connection.clientId, connection);
    this.#tellPresence(connection, true);
  }

  onGone(client: Client): void {
    const connection = this.of(client);
    // After a takeover the place belongs to the newer connection.
    if (connection === undefined || this.#ready.get(connection.clientId) !== connection) return;
    this.#ready.delete(connection.clientId);
    this.#tellPresence(connection, false);
  }

  onError(client: Client, error: Error): void {
    const code = codeOfError(error);
    if (code !== undefined) this.of(client)?.count(code, { reason: error.message.slice(0, 100) });
  }

  /** Learns who stands behind a TLS connection, or ends it. */
  #certify(socket: TLSSocket, connection: Connection): boolean {
    socket.on("error", () => {
      // Its end is told by "close".
    });
    try {
      connection.certified = this.#deps.certificates?.check(socket);
      if (connection.certified === undefined) throw new Fault("TLS_CERTIFICATE_MISSING");
      return true;
    } catch (thrown) {
      connection.refuse(asFault(thrown).code);
      return false;
    }
  }

  #tellPresence({ client, clientId }: Connection, connected: boolean): void {
    if (client === undefined) return;
    for (const callback of this.#presenceCallbacks) callback({ ...client, clientId, connected });
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
