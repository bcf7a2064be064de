import { createServer, type Server, type Socket } from "node:net";
import {
  createServer as createTlsServer,
  type TLSSocket,
  type Server as TlsServer,
} from "node:tls";
import { Fault } from "@gridledger/protocol/faults";
import { type ServerTls, serverTlsOptions } from "../tls/server-tls.ts";

interface ListenerDeps {
  /** A connection came in; false refuses it before anything is read or computed. */
  readonly enter: (socket: Socket) => boolean;
  /** It may speak MQTT now; a TLSSocket where the listener has TLS. */
  readonly onSocket: (socket: Socket) => void;
  readonly onHandshakeFailed: (address: string, reason: string) => void;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Without it the port speaks in the clear. */
  readonly tls?: ServerTls;
  readonly handshakeTimeoutMs: number;
}

/** One port of the broker, in the clear or with TLS. */
export class Listener {
  readonly #deps: ListenerDeps;
  readonly #options: ListenerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #tls: TlsServer | undefined;

  constructor(deps: ListenerDeps, options: ListenerOptions) {
    this.#deps = deps;
    this.#options = options;
    if (options.tls !== undefined) this.#tls = this.#createTls(options.tls);
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) =>
      this.#onConnection(socket),
    );
  }

  /** @throws Fault PORT_IN_USE */
  async start(): Promise<{ port: number }> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => {
        const inUse = error.code === "EADDRINUSE";
        reject(inUse ? new Fault("PORT_IN_USE", "", { data: { port }, cause: error }) : error);
      });
      this.#server.listen(port, host, resolve);
    });
    const address = this.#server.address();
    return { port: address !== null && typeof address === "object" ? address.port : 0 };
  }

  /** Later connections see the new certificate; those that stand go on. */
  renew(tls: ServerTls): void {
    this.#tls?.setSecureContext(serverTlsOptions(tls));
  }

  /** Closes the port and every connection that came through it. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #onConnection(socket: Socket): void {
    if (!this.#deps.enter(socket)) {
      socket.on("error", noop);
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    if (this.#tls === undefined) this.#deps.onSocket(socket);
    else this.#tls.emit("connection", socket);
  }

  #createTls(tls: ServerTls): TlsServer {
    const { handshakeTimeoutMs: handshakeTimeout } = this.#options;
    const server = createTlsServer({ ...serverTlsOptions(tls), handshakeTimeout });
    server.on("secureConnection", (socket: TLSSocket) => this.#deps.onSocket(socket));
    server.on("tlsClientError", (error, socket) => {
      this.#deps.onHandshakeFailed(socket.remoteAddress ?? "", error.message);
      socket.destroy();
    });
    return server;
  }
}

function noop(): void {
  // The other end learns by the reset.
}
