import type { Server } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import { Fault } from "@gridledger/protocol/faults";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { type ServerTls, serverTlsOptions } from "./tls/server-tls.ts";

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 2_000;

interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** Without it the port speaks in the clear. */
  readonly tls?: ServerTls | undefined;
}

/** The app on a port. */
export class HttpServer {
  readonly #app: Hono;
  readonly #options: HttpOptions;
  #server: Server | undefined;

  constructor(app: Hono, options: HttpOptions) {
    this.#app = app;
    this.#options = options;
  }

  /** @throws Fault PORT_IN_USE */
  async start(): Promise<{ port: number }> {
    const { host, port, tls } = this.#options;
    const { fetch } = this.#app;
    const server = createAdaptorServer(
      tls === undefined
        ? { fetch }
        : { fetch, createServer: createHttpsServer, serverOptions: serverTlsOptions(tls) },
    ) as Server;
    // Somebody who sends a header a minute must not hold a connection for ever.
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause: NodeJS.ErrnoException) => {
        const isTaken = cause.code === "EADDRINUSE";
        reject(isTaken ? new Fault("PORT_IN_USE", `port ${port} is in use`, { cause }) : cause);
      });
      server.listen(port, host, resolve);
    });
    this.#server = server;
    const address = server.address();
    return { port: address !== null && typeof address === "object" ? address.port : port };
  }

  /** Later connections see the new certificate. */
  renewTls(tls: ServerTls): void {
    if (this.#options.tls !== undefined) {
      (this.#server as HttpsServer | undefined)?.setSecureContext(serverTlsOptions(tls));
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    // What is being answered gets a moment to end.
    const force = setTimeout(() => server.closeAllConnections(), 300);
    await closed;
    clearTimeout(force);
  }
}
