import { TokenBuckets } from "@gridledger/protocol/access/token-buckets";
import { asFault, Fault, faultTable } from "@gridledger/protocol/faults";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HttpPort } from "../http/http-port.ts";
import { answerRpc } from "./json-rpc.ts";
import type { RpcAccess } from "./rpc-access.ts";
import type { RpcMethods } from "./rpc-method.ts";

const MAX_BODY_BYTES = 1_048_576;
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 256;

interface RpcServerDeps {
  readonly methods: RpcMethods;
  readonly access: RpcAccess;
  /** Wall clock in ms. */
  readonly now: () => number;
  readonly log: { error(data: object, message: string): void };
}

export interface RpcServerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** PEM; without it the port speaks in the clear. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Web pages of these origins may call; by default none may. */
  readonly allowedOrigins: readonly string[];
  readonly requestsPerSecond: number;
}

/** JSON-RPC 2.0 over HTTP POST, with a name and a password or a token at every call (guide §5.2.5). */
export class RpcServer {
  readonly #deps: RpcServerDeps;
  readonly #options: RpcServerOptions;
  readonly #buckets: TokenBuckets;
  readonly #port: HttpPort;

  constructor(deps: RpcServerDeps, options: RpcServerOptions) {
    this.#deps = deps;
    this.#options = options;
    const { requestsPerSecond: perSecond, host, port, tls } = options;
    this.#buckets = new TokenBuckets(deps.now, { burst: 2 * perSecond, perSecond });
    this.#port = new HttpPort(this.#app(), {
      ...{ host, port, tls: tls && { ...tls, minVersion: "TLSv1.2" } },
      ...{ requestTimeoutMs: REQUEST_TIMEOUT_MS, maxConnections: MAX_CONNECTIONS, graceMs: 0 },
    });
  }

  /** @throws Fault PORT_IN_USE */
  start(): Promise<{ port: number }> {
    return this.#port.start();
  }

  stop(): Promise<void> {
    return this.#port.stop();
  }

  #app(): Hono {
    const app = new Hono();
    app.onError((thrown, context) => this.#refuse(context, asFault(thrown)));
    app.use(async (context, next) => {
      this.#checkOrigin(context);
      await next();
    });
    app.use(
      bodyLimit({
        maxSize: MAX_BODY_BYTES,
        onError: (context) => this.#refuse(context, new Fault("REQUEST_TOO_LARGE")),
      }),
    );
    app.options("/", (context) => context.body(null, 204));
    app.post("/", (context) => this.#answer(context));
    app.notFound((context) =>
      this.#refuse(context, new Fault("NOT_FOUND", "POST JSON-RPC 2.0 requests to /")),
    );
    return app;
  }

  async #answer(context: Context): Promise<Response> {
    const { access, methods } = this.#deps;
    // A page of another site could send other types without asking first.
    if (!/^application\/json\b/.test(context.req.header("content-type") ?? "")) {
      throw new Fault("RPC_REQUEST_INVALID", "the content type must be application/json");
    }
    const address = addressOf(context);
    const caller = await access.of(context.req.header("authorization"), address);
    this.#buckets.take(caller.name);
    const answer = await answerRpc(methods, caller, await context.req.text());
    context.header("cache-control", "no-store");
    return answer === undefined ? context.body(null, 204) : context.json(answer as object);
  }

  /** Pages ask only where the node says so, and never under a foreign name (DNS rebinding). */
  #checkOrigin(context: Context): void {
    const origin = context.req.header("origin");
    if (origin === undefined) return;
    if (!this.#options.allowedOrigins.includes(origin)) {
      throw new Fault("FORBIDDEN", "pages of this origin may not call the node");
    }
    context.header("access-control-allow-origin", origin);
    context.header("access-control-allow-headers", "authorization, content-type");
    context.header("vary", "origin");
  }

  #refuse(context: Context, fault: Fault): Response {
    const { code, message, data, cause } = fault;
    const status = faultTable[code]?.status ?? 500;
    if (status === 500) this.#deps.log.error({ code, err: cause ?? fault }, "rpc: a call failed");
    if (status === 401) context.header("www-authenticate", 'Basic realm="gridledger", Bearer');
    if (typeof data.retryAfterS === "number") context.header("retry-after", `${data.retryAfterS}`);
    const error = { code: -32_000, message, data: { ...data, code } };
    return context.json({ jsonrpc: "2.0", id: null, error }, status as 400);
  }
}

/** The peer's address; in tests without a socket "local". */
function addressOf(context: Context): string {
  const { incoming } = (context.env ?? {}) as {
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
  };
  return incoming?.socket?.remoteAddress ?? "local";
}
