import { HttpPort } from "@gridledger/edge-node/http-port";
import type { Hono } from "hono";
import { type ServerTls, serverTlsOptions } from "./tls/server-tls.ts";

const REQUEST_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 2_000;
const GRACE_MS = 300;

interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** Without it the port speaks in the clear. */
  readonly tls?: ServerTls | undefined;
}

/** The app on a port. */
export class HttpServer {
  readonly #port: HttpPort;

  constructor(app: Hono, { host, port, tls }: HttpOptions) {
    this.#port = new HttpPort(app, {
      ...{ host, port, tls: tls && serverTlsOptions(tls), graceMs: GRACE_MS },
      ...{ requestTimeoutMs: REQUEST_TIMEOUT_MS, maxConnections: MAX_CONNECTIONS },
    });
  }

  /** @throws Fault PORT_IN_USE */
  start(): Promise<{ port: number }> {
    return this.#port.start();
  }

  /** Later connections see the new certificate. */
  renewTls(tls: ServerTls): void {
    this.#port.renewTls(serverTlsOptions(tls));
  }

  stop(): Promise<void> {
    return this.#port.stop();
  }
}
