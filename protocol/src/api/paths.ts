/**
 * Every REST route, once: how it is called and who may call it. `contract.ts` gives the shapes. This
 * file has no imports, so the browser gets it without a schema library.
 *
 * Access: `public` anybody who reaches the hub · `reader` whoever may see ledger data: any signed-in
 * person, and, while the hub listens on loopback only, anybody on the machine · `operator` a signed-in
 * operator.
 */
export type Access = "public" | "reader" | "operator";

interface RoutePath {
  readonly method: "get" | "post" | "delete";
  /** OpenAPI form: parameters in braces. */
  readonly path: string;
  readonly access: Access;
}

export const routePaths = {
  status: { method: "get", path: "/api/v1/status", access: "public" },
  genesis: { method: "get", path: "/api/v1/genesis", access: "public" },
  nodes: { method: "get", path: "/api/v1/nodes", access: "reader" },
  proposals: { method: "get", path: "/api/v1/proposals", access: "reader" },
  blocks: { method: "get", path: "/api/v1/blocks", access: "reader" },
  block: { method: "get", path: "/api/v1/blocks/{height}", access: "reader" },
  blockTransactions: {
    method: "get",
    path: "/api/v1/blocks/{height}/transactions",
    access: "reader",
  },
  transaction: { method: "get", path: "/api/v1/transactions/{hash}", access: "reader" },
  transactionProof: { method: "get", path: "/api/v1/transactions/{hash}/proof", access: "reader" },
  submitTransaction: { method: "post", path: "/api/v1/transactions", access: "public" },
  meters: { method: "get", path: "/api/v1/meters", access: "reader" },
  readings: { method: "get", path: "/api/v1/meters/{meter}/readings", access: "reader" },
  readingProof: {
    method: "get",
    path: "/api/v1/meters/{meter}/readings/{timeMs}/proof",
    access: "reader",
  },
  identities: { method: "get", path: "/api/v1/identities", access: "reader" },
  enrol: { method: "post", path: "/api/v1/identities", access: "operator" },
  session: { method: "get", path: "/api/v1/session", access: "public" },
  signIn: { method: "post", path: "/api/v1/session", access: "public" },
  signOut: { method: "delete", path: "/api/v1/session", access: "public" },
  changePassword: { method: "post", path: "/api/v1/session/password", access: "operator" },
} as const satisfies Record<string, RoutePath>;

export type RouteName = keyof typeof routePaths;

/** The event stream (SSE); its events are `StreamEvent` of `contract.ts`. */
export const streamPath = "/api/v1/stream";
