import type { Server } from "node:http";
import { Fault } from "@gridledger/protocol/faults";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 2_000;

interface HttpOptions {
  readonly host: string;
  readonly port: number;
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
    const { host, port } = this.#options;
    const server = createAdaptorServer({ fetch: this.#app.fetch }) as Server;
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
