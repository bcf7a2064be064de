import { contract, problem } from "@gridledger/protocol/api/contract";
import { type RouteName, routePaths } from "@gridledger/protocol/api/paths";
import { OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";
import type { z } from "zod";
import { SESSION_COOKIE } from "./credentials.ts";

/** What the contract says of a route. */
export interface Shapes {
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly rawBody?: number;
  readonly answer: z.ZodType;
}

const description =
  "Reads of the ledger, hand-in of signed transactions, enrolment. Changes made with a session's cookie also need its X-CSRF-Token header. Refusals are RFC 9457 problem details with a `code`.";

/** Answered as bytes, RFC 9110 §14. */
const streamed: ReadonlySet<RouteName> = new Set<RouteName>(["objectData"]);
const bytes = { type: "string", format: "binary" } as const;
const stream = { "application/octet-stream": { schema: bytes } };
const mayBeSpooled: ReadonlySet<RouteName> = new Set<RouteName>([
  ...(["submitTransaction", "enrol", "commitObject"] as const),
]);

function describeRoute(name: RouteName): RouteConfig {
  const { method, path, permission } = routePaths[name];
  const shapes: Shapes = contract[name];
  const answers = {
    "application/json": { schema: shapes.answer },
    "application/cbor": { schema: shapes.answer },
  };
  const refusal = { "application/problem+json": { schema: problem } };
  return {
    operationId: name,
    ...{ method, path, summary: shapes.summary, tags: [permission.split(".")[0]!] },
    request: {
      ...(shapes.params && { params: shapes.params }),
      ...(shapes.query && { query: shapes.query }),
      ...(shapes.body && {
        body: { required: true, content: { "application/json": { schema: shapes.body } } },
      }),
      ...(shapes.rawBody !== undefined && {
        body: { required: true, content: { "application/octet-stream": { schema: bytes } } },
      }),
    },
    responses: {
      200: { description: "OK", content: streamed.has(name) ? stream : answers },
      ...(streamed.has(name) && { 206: { description: "The range", content: stream } }),
      ...(mayBeSpooled.has(name) && { 202: { description: "Spooled durably", content: answers } }),
      default: { description: "Refused: problem details (RFC 9457)", content: refusal },
    },
    ...(permission !== "public" && {
      description: `Takes the permission \`${permission}\`.`,
      security: [{ session: [] }, { bearer: [] }],
    }),
  };
}

/** The OpenAPI 3.1 document of every route of the table. */
export function openApiDocument(version: string) {
  const described = new OpenAPIHono();
  for (const name of Object.keys(routePaths) as RouteName[]) {
    described.openAPIRegistry.registerPath(describeRoute(name));
  }
  described.openAPIRegistry.registerComponent("securitySchemes", "session", {
    ...{ type: "apiKey", in: "cookie", name: SESSION_COOKIE },
  });
  described.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    ...{ type: "http", scheme: "bearer" },
  });
  return described.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Gridledger hub", version, description },
  });
}
