import type { Attributes } from "@gridledger/protocol/access/rules";
import { TokenBuckets } from "@gridledger/protocol/access/token-buckets";
import { permissions } from "@gridledger/protocol/api/access";
import { contract } from "@gridledger/protocol/api/contract";
import { type RouteName, type RoutePath, routePaths } from "@gridledger/protocol/api/paths";
import { Fault } from "@gridledger/protocol/faults";
import type { Context, Hono } from "hono";
import { setCookie } from "hono/cookie";
import type { z } from "zod";
import { SESSION_MS } from "../identity/sessions.ts";
import type { AuditLog } from "../logs/audit-log.ts";
import type { Caller, Callers } from "./caller.ts";
import { addressOf } from "./connection.ts";
import { SESSION_COOKIE } from "./credentials.ts";
import type { EndpointRequest, ReplyControls, StreamAnswer } from "./endpoint.ts";
import type { Endpoints } from "./endpoints.ts";
import { checkForgery } from "./forgery.ts";
import type { Shapes } from "./openapi.ts";
import { piecesOf, readJson } from "./read-body.ts";
import { Refusals } from "./refusals.ts";
import { represent } from "./representation.ts";
import { resourceOf } from "./resource.ts";

interface RouteDeps {
  readonly endpoints: Endpoints;
  readonly callers: Callers;
  readonly audit: Pick<AuditLog, "record">;
  readonly now: () => number;
}

/** The renewal's own signature says who asks: an expired certificate must not stand in its way. */
const provenByContent: readonly RouteName[] = ["renewCertificate"];

type AnyEndpoint = (request: EndpointRequest<RouteName>) => unknown;

/** Puts every route of the table on the app: who may call, what comes in, what goes out. */
export function addRoutes(app: Hono, { endpoints, callers, audit, now }: RouteDeps): void {
  // Guessing passwords and flooding the spool are held back per address; reading is not.
  const buckets: Partial<Record<RouteName, TokenBuckets>> = {
    signIn: new TokenBuckets(now, { burst: 20, perSecond: 1 }),
    changePassword: new TokenBuckets(now, { burst: 20, perSecond: 1 }),
    signInChallenge: new TokenBuckets(now, { burst: 40, perSecond: 2 }),
    signInKey: new TokenBuckets(now, { burst: 20, perSecond: 1 }),
    // A wrong code costs an attempt, and every request a signature check.
    submitCertificateRequest: new TokenBuckets(now, { burst: 20, perSecond: 1 }),
    renewCertificate: new TokenBuckets(now, { burst: 20, perSecond: 1 }),
    certificateRequest: new TokenBuckets(now, { burst: 60, perSecond: 2 }),
    fetchKey: new TokenBuckets(now, { burst: 20, perSecond: 1 }),
    submitTransaction: new TokenBuckets(now, { burst: 2_000, perSecond: 1_000 }),
    putObject: new TokenBuckets(now, { burst: 200, perSecond: 50 }),
    putChunk: new TokenBuckets(now, { burst: 2_000, perSecond: 1_000 }),
    commitObject: new TokenBuckets(now, { burst: 200, perSecond: 50 }),
  };
  const refusals = new Refusals({ audit, now });
  for (const name of Object.keys(routePaths) as RouteName[]) {
    const { method, path, permission, resource: told }: RoutePath = routePaths[name];
    // What such a route is about is known when it is found: the endpoint checks then.
    const isCheckedLater =
      permission !== "public" && permissions[permission].length > 0 && told === undefined;
    const shapes: Shapes = contract[name];
    const endpoint = endpoints[name] as AnyEndpoint;
    app.on(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ":$1"), async (context) => {
      const caller = provenByContent.includes(name)
        ? callers.as(undefined, addressOf(context))
        : await callers.of(context);
      buckets[name]?.take(caller.address);
      const check = (resource?: Attributes) =>
        permission === "public" ||
        refusals.watch(caller, name, () => caller.check(permission, resource));
      await check();
      // Signing in has no session yet: its guard is the origin.
      if (method !== "get") {
        checkForgery(context, name === "signIn" ? { ...caller, session: undefined } : caller);
      }
      const parts = await readParts(context, shapes);
      if (!isCheckedLater) await check(resourceOf(name, parts));
      return answer(context, endpoint, parts, caller);
    });
  }
}

async function readParts(context: Context, shapes: Shapes) {
  const { params, query, body, rawBody } = shapes;
  return {
    pieces: piecesOf(context, rawBody ?? 0),
    params: params && parse(params, context.req.param(), ""),
    query: query && parse(query, context.req.query(), ""),
    body: body && parse(body, await readJson(context.req.raw), ""),
  };
}

function parse(schema: z.ZodObject, value: unknown, name: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = [name, ...(issue?.path ?? [])].filter((part) => part !== "").join(".");
  throw new Fault("REQUEST_INVALID", `${where}: ${issue?.message ?? "wrong"}`);
}

async function answer(
  context: Context,
  endpoint: AnyEndpoint,
  parts: Awaited<ReturnType<typeof readParts>>,
  caller: Caller,
): Promise<Response> {
  let status = 200;
  let tag: string | undefined;
  let raw: { readonly contentType: string; readonly body: string | Uint8Array } | undefined;
  let stream: StreamAnswer | undefined;
  const reply: ReplyControls = {
    status: (code) => {
      status = code;
    },
    session: (token) => setSession(context, token),
    immutable: (given) => {
      tag = `"${given}"`;
    },
    raw: (contentType, body) => {
      raw = { contentType, body };
    },
    stream: (given) => {
      stream = given;
    },
  };
  const header = (name: string) => context.req.header(name);
  const request = { ...parts, header, caller, reply } as unknown as EndpointRequest<RouteName>;
  const answered = await endpoint(request);
  // Who may see it can change; what it says cannot.
  context.header("cache-control", tag === undefined ? "no-store" : "private, no-cache");
  if (stream !== undefined) {
    return context.body(stream.body, stream.status, { ...stream.headers });
  }
  if (raw !== undefined) {
    context.header("content-type", raw.contentType);
    return context.body(Uint8Array.from(Buffer.from(raw.body)));
  }
  const { contentType, body } = represent(context, answered);
  if (tag !== undefined) {
    const etag = contentType === "application/cbor" ? tag.replace(/"$/, '-cbor"') : tag;
    context.header("etag", etag);
    if (context.req.header("if-none-match") === etag) return context.body(null, 304);
  }
  context.header("content-type", contentType);
  return context.body(body, status as 200);
}

function setSession(context: Context, token: string | null): void {
  setCookie(context, SESSION_COOKIE, token ?? "", {
    httpOnly: true,
    sameSite: "Strict",
    path: "/",
    secure: new URL(context.req.url).protocol === "https:",
    maxAge: token === null ? 0 : SESSION_MS / 1_000,
  });
}
