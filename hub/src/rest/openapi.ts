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
  readonly answer: z.ZodType;
}

const description =
  "Reads of the ledger, hand-in of signed transactions, enrolment. Changes made with a session's cookie also need its X-CSRF-Token header. Refusals are RFC 9457 problem details with a `code`.";

const mayBeSpooled: ReadonlySet<RouteName> = new Set<RouteName>(["submitTransaction", "enrol"]);

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
    },
    responses: {
      200: { description: "OK", content: answers },
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
