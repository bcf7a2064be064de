import { contractEventsPath, routePaths, streamPath } from "@gridledger/protocol/api/paths";
import { Fault } from "@gridledger/protocol/faults";
import { Hono } from "hono";
import type { ChainStatus } from "../feed/chain-status.ts";
import type { Bearers } from "../identity/bearers.ts";
import type { CertificateLogin } from "../identity/certificate-login.ts";
import type { Login } from "../identity/login.ts";
import type { AccessPolicy } from "../identity/policy/access-policy.ts";
import type { ContractIndex } from "../index/contracts/contract-index.ts";
import type { Log } from "../log.ts";
import { Callers } from "./caller.ts";
import { dropOf } from "./connection.ts";
import { addDashboard } from "./dashboard.ts";
import { addDocs } from "./docs.ts";
import { type EndpointDeps, makeEndpoints } from "./endpoints.ts";
import type { EventStreams } from "./event-streams.ts";
import { LogStreams } from "./log-streams.ts";
import type { Metrics } from "./metrics.ts";
import { openApiDocument } from "./openapi.ts";
import { problemResponse, statusOf } from "./problem.ts";
import { addRoutes } from "./routes.ts";
import { refuseForeignHosts, securityHeaders } from "./security.ts";

interface AppDeps extends Omit<EndpointDeps, "callers" | "index"> {
  readonly index: EndpointDeps["index"] & { readonly contracts: Pick<ContractIndex, "onLogs"> };
  readonly policy: AccessPolicy;
  readonly bearers: Pick<Bearers, "find">;
  readonly certificateLogin: Pick<CertificateLogin, "find">;
  readonly login: Login;
  readonly chainStatus: Pick<ChainStatus, "isSynced" | "isStalled">;
  readonly streams: EventStreams;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now: () => number;
}

interface AppOptions {
  readonly version: string;
  /** Whether anybody may read ledger data. */
  readonly anonymousReads: boolean;
  /** Answer to loopback names only. */
  readonly isLoopbackOnly: boolean;
  /** Files of the console; without it there is none. */
  readonly dashboardDir: string | undefined;
}

/** Everything the hub answers over HTTP. */
export function makeApp(deps: AppDeps, options: AppOptions): Hono {
  const app = new Hono();
  app.onError((thrown, context) => {
    const fault = thrown instanceof Fault ? thrown : new Fault("INTERNAL", "", { cause: thrown });
    if (statusOf(fault) === 500) {
      const { method, path } = context.req;
      deps.log.error(
        { method, path, code: fault.code, err: fault.cause ?? fault },
        "a request failed",
      );
    }
    return problemResponse(fault);
  });
  app.use(securityHeaders);
  app.use(async (context, next) => {
    await next();
    deps.metrics.countRequest(context.res.status);
  });
  if (options.isLoopbackOnly) app.use(refuseForeignHosts);
  const { anonymousReads } = options;
  const { bearers, certificateLogin, login, policy } = deps;
  const callers = new Callers({
    ...{ policy, anonymousReads },
    findSession: (token) => login.find(token),
    findBearer: (secret) => bearers.find(secret),
    findCertified: (connection) => certificateLogin.find(connection),
  });
  const endpoints = makeEndpoints({ ...deps, callers });
  addRoutes(app, { endpoints, callers, audit: deps.audit, now: deps.now });
  addStream(app, callers, deps.streams);
  addContractEvents(app, callers, new LogStreams(deps.index.contracts));
  addHealth(app, deps);
  addOpenApi(app, options.version);
  addDocs(app);
  if (options.dashboardDir !== undefined) addDashboard(app, options.dashboardDir);
  app.notFound((context) => problemResponse(notFound(context.req.method, context.req.path)));
  return app;
}

function addStream(app: Hono, callers: Callers, streams: EventStreams): void {
  app.get(streamPath, async (context) => {
    const listen = async () => {
      const caller = await callers.of(context);
      caller.check("ledger.read", {});
      return caller;
    };
    const { address } = await listen();
    const last = context.req.header("last-event-id") ?? "";
    const afterHeight = /^\d{1,15}$/.test(last) ? Number(last) : undefined;
    return streams.open({ address, afterHeight, drop: dropOf(context), recheck: listen });
  });
}

function addContractEvents(app: Hono, callers: Callers, streams: LogStreams): void {
  app.get(contractEventsPath, async (context) => {
    const caller = await callers.of(context);
    caller.check("ledger.read", {});
    const { address, topic, after } = context.req.query();
    return streams.open({ address, topic, after: context.req.header("last-event-id") ?? after });
  });
}

function addHealth(app: Hono, { chainStatus, metrics }: AppDeps): void {
  // Alive: the process answers. Ready: what it answers is the chain as it is now.
  app.get("/healthz", (context) => context.json({ alive: true }));
  app.get("/readyz", (context) => {
    if (!chainStatus.isSynced) throw new Fault("NOT_READY", "the index is catching up");
    if (chainStatus.isStalled) throw new Fault("NOT_READY", "transactions wait and no block comes");
    return context.json({ ready: true });
  });
  app.get("/metrics", async (context) =>
    context.body(await metrics.text(), 200, { "content-type": metrics.contentType }),
  );
}

function addOpenApi(app: Hono, version: string): void {
  let document: string | undefined;
  app.get("/openapi.json", (context) => {
    document ??= JSON.stringify(openApiDocument(version));
    return context.body(document, 200, { "content-type": "application/json" });
  });
}

/** What answers GET and stands in no table. */
const ownPaths = [
  "/healthz",
  "/readyz",
  "/metrics",
  "/openapi.json",
  streamPath,
  contractEventsPath,
].map((path) => {
  return { method: "get", path };
});

const patterns = [...Object.values(routePaths), ...ownPaths].map(({ method, path }) => ({
  method: method.toUpperCase(),
  pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`),
}));

/** 405 where the path is one of ours and the method is not, RFC 9110 §15.5.6. */
function notFound(method: string, path: string): Fault {
  const allow = patterns.filter(({ pattern }) => pattern.test(path)).map((route) => route.method);
  if (allow.length === 0) return new Fault("NOT_FOUND");
  const data = { allow: allow.join(", ") };
  return new Fault("METHOD_NOT_ALLOWED", `${method} is not answered here`, { data });
}
