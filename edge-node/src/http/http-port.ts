import type { Server } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { TlsOptions } from "node:tls";
import { Fault } from "@gridledger/protocol/faults";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";

const HEADERS_TIMEOUT_MS = 10_000;

interface HttpPortOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Without it the port speaks in the clear. */
  readonly tls: TlsOptions | undefined;
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  /** How long what is being answered may go on when the port closes. */
  readonly graceMs: number;
}

/** An app on a port, within limits. */
export class HttpPort {
  readonly #app: Hono;
  readonly #options: HttpPortOptions;
  #server: Server | undefined;

  constructor(app: Hono, options: HttpPortOptions) {
    this.#app = app;
    this.#options = options;
  }

  /** @throws Fault PORT_IN_USE */
  async start(): Promise<{ port: number }> {
    const { host, port, tls, requestTimeoutMs, maxConnections } = this.#options;
    const { fetch } = this.#app;
    const server = createAdaptorServer(
      tls === undefined
        ? { fetch }
        : { fetch, createServer: createHttpsServer, serverOptions: tls },
    ) as Server;
    // Somebody who sends a header a minute must not hold a connection for ever.
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.requestTimeout = requestTimeoutMs;
    server.maxConnections = maxConnections;
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
  renewTls(tls: TlsOptions): void {
    if (this.#options.tls !== undefined) {
      (this.#server as HttpsServer | undefined)?.setSecureContext(tls);
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const force = setTimeout(() => server.closeAllConnections(), this.#options.graceMs);
    await closed;
    clearTimeout(force);
  }
}
