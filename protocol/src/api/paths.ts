import type { Permission } from "./access.ts";

/**
 * Every REST route, once: how it is called and which permission it takes (`access.ts`); `public` is
 * anybody who reaches the hub. `contract.ts` gives the shapes. This file imports no schema library, so the
 * browser gets it without one.
 */
export interface RoutePath {
  readonly method: "get" | "post" | "put" | "delete";
  /** OpenAPI form: parameters in braces. */
  readonly path: string;
  readonly permission: Permission | "public";
  /** Where the resource's attributes stand in the request, for a permission that tells some. */
  readonly resource?: Readonly<Record<string, `${"params" | "query" | "body"}.${string}`>>;
}

export const routePaths = {
  status: { method: "get", path: "/api/v1/status", permission: "public" },
  genesis: { method: "get", path: "/api/v1/genesis", permission: "public" },
  nodes: { method: "get", path: "/api/v1/nodes", permission: "ledger.read" },
  proposals: { method: "get", path: "/api/v1/proposals", permission: "ledger.read" },
  evidence: { method: "get", path: "/api/v1/evidence", permission: "ledger.read" },
  committee: { method: "get", path: "/api/v1/committee", permission: "ledger.read" },
  blocks: { method: "get", path: "/api/v1/blocks", permission: "ledger.read" },
  block: { method: "get", path: "/api/v1/blocks/{height}", permission: "ledger.read" },
  blockTransactions: {
    method: "get",
    path: "/api/v1/blocks/{height}/transactions",
    permission: "ledger.read",
  },
  transaction: { method: "get", path: "/api/v1/transactions/{hash}", permission: "ledger.read" },
  transactionProof: {
    method: "get",
    path: "/api/v1/transactions/{hash}/proof",
    permission: "ledger.read",
  },
  submitTransaction: { method: "post", path: "/api/v1/transactions", permission: "public" },
  meters: { method: "get", path: "/api/v1/meters", permission: "ledger.read" },
  readings: { method: "get", path: "/api/v1/meters/{meter}/readings", permission: "ledger.read" },
  completeness: {
    method: "get",
    path: "/api/v1/meters/{meter}/completeness",
    permission: "ledger.read",
  },
  readingProof: {
    method: "get",
    path: "/api/v1/meters/{meter}/readings/{timeMs}/proof",
    permission: "ledger.read",
  },
  identities: { method: "get", path: "/api/v1/identities", permission: "ledger.read" },
  overdueKeys: { method: "get", path: "/api/v1/keys/overdue", permission: "ledger.read" },
  identityKeys: {
    method: "get",
    path: "/api/v1/identities/{identity}/keys",
    permission: "ledger.read",
  },
  enrol: {
    method: "post",
    path: "/api/v1/identities",
    permission: "identity.enrol",
    resource: { role: "body.role" },
  },
  contracts: { method: "get", path: "/api/v1/contracts", permission: "ledger.read" },
  contract: { method: "get", path: "/api/v1/contracts/{address}", permission: "ledger.read" },
  contractSlot: {
    method: "get",
    path: "/api/v1/contracts/{address}/storage/{slot}",
    permission: "ledger.read",
  },
  contractCall: {
    method: "post",
    path: "/api/v1/contracts/{address}/call",
    permission: "ledger.read",
  },
  contractLogs: {
    method: "get",
    path: "/api/v1/contracts/{address}/logs",
    permission: "ledger.read",
  },
  receipt: {
    method: "get",
    path: "/api/v1/transactions/{hash}/receipt",
    permission: "ledger.read",
  },
  market: { method: "get", path: "/api/v1/market", permission: "ledger.read" },
  marketIntervals: { method: "get", path: "/api/v1/market/intervals", permission: "ledger.read" },
  marketBook: {
    method: "get",
    path: "/api/v1/market/intervals/{interval}/book",
    permission: "ledger.read",
  },
  marketOrders: { method: "get", path: "/api/v1/market/orders", permission: "ledger.read" },
  marketOrder: { method: "get", path: "/api/v1/market/orders/{order}", permission: "ledger.read" },
  placeMarketOrder: { method: "post", path: "/api/v1/market/orders", permission: "public" },
  marketTrades: { method: "get", path: "/api/v1/market/trades", permission: "ledger.read" },
  marketSettlements: {
    method: "get",
    path: "/api/v1/market/settlements",
    permission: "ledger.read",
  },
  marketParticipants: {
    method: "get",
    path: "/api/v1/market/participants",
    permission: "ledger.read",
  },
  marketStatement: {
    method: "get",
    path: "/api/v1/market/statements/{owner}",
    permission: "ledger.read",
  },
  webhooks: { method: "get", path: "/api/v1/webhooks", permission: "webhook.manage" },
  addWebhook: { method: "post", path: "/api/v1/webhooks", permission: "webhook.manage" },
  removeWebhook: {
    method: "delete",
    path: "/api/v1/webhooks/{id}",
    permission: "webhook.manage",
  },
  deadLetters: {
    method: "get",
    path: "/api/v1/webhooks/{id}/dead-letters",
    permission: "webhook.manage",
  },
  retryDeadLetters: {
    method: "post",
    path: "/api/v1/webhooks/{id}/dead-letters/retry",
    permission: "webhook.manage",
  },
  mappings: { method: "get", path: "/api/v1/mappings", permission: "mapping.read" },
  addMapping: { method: "post", path: "/api/v1/mappings", permission: "mapping.manage" },
  mapping: { method: "get", path: "/api/v1/mappings/{id}", permission: "mapping.read" },
  runMapping: { method: "post", path: "/api/v1/mappings/{id}/run", permission: "mapping.manage" },
  sweepMapping: {
    method: "post",
    path: "/api/v1/mappings/{id}/sweep",
    permission: "mapping.manage",
  },
  pauseMapping: {
    method: "post",
    path: "/api/v1/mappings/{id}/state",
    permission: "mapping.manage",
  },
  declareChanges: {
    method: "post",
    path: "/api/v1/mappings/{id}/changes",
    permission: "mapping.manage",
  },
  findings: { method: "get", path: "/api/v1/mappings/{id}/findings", permission: "rows.read" },
  row: { method: "get", path: "/api/v1/mappings/{id}/rows/{key}", permission: "rows.read" },
  rowProof: {
    method: "get",
    path: "/api/v1/mappings/{id}/rows/{key}/proof",
    permission: "rows.read",
  },
  databases: { method: "get", path: "/api/v1/databases", permission: "mapping.manage" },
  catalogue: { method: "get", path: "/api/v1/catalogue", permission: "mapping.read" },
  objects: { method: "get", path: "/api/v1/objects", permission: "object.read" },
  object: { method: "get", path: "/api/v1/objects/{object}", permission: "object.read" },
  // The signature of the transaction is the right to it, as with every transaction.
  putObject: { method: "post", path: "/api/v1/objects", permission: "public" },
  putChunk: {
    method: "put",
    path: "/api/v1/objects/{object}/chunks/{index}",
    permission: "public",
  },
  commitObject: {
    method: "post",
    path: "/api/v1/objects/{object}/commit",
    permission: "public",
  },
  objectChunk: {
    method: "get",
    path: "/api/v1/objects/{object}/chunks/{index}",
    permission: "object.read",
  },
  objectData: {
    method: "get",
    path: "/api/v1/objects/{object}/data",
    permission: "object.read",
  },
  objectOpening: {
    method: "get",
    path: "/api/v1/objects/{object}/opening",
    permission: "object.read",
  },
  objectErasure: {
    method: "get",
    path: "/api/v1/objects/{object}/erasure",
    permission: "object.read",
  },
  objectBundle: {
    method: "get",
    path: "/api/v1/objects/{object}/bundle",
    permission: "object.read",
  },
  transactionBundle: {
    method: "get",
    path: "/api/v1/transactions/{hash}/bundle",
    permission: "ledger.read",
  },
  session: { method: "get", path: "/api/v1/session", permission: "public" },
  signIn: { method: "post", path: "/api/v1/session", permission: "public" },
  signOut: { method: "delete", path: "/api/v1/session", permission: "public" },
  changePassword: {
    method: "post",
    path: "/api/v1/session/password",
    permission: "account.password",
  },
  signInChallenge: { method: "post", path: "/api/v1/session/challenge", permission: "public" },
  signInKey: { method: "post", path: "/api/v1/session/key", permission: "public" },
  sessions: { method: "get", path: "/api/v1/sessions", permission: "account.manage" },
  endSession: { method: "delete", path: "/api/v1/sessions/{id}", permission: "account.manage" },
  tokens: { method: "get", path: "/api/v1/tokens", permission: "account.manage" },
  addToken: { method: "post", path: "/api/v1/tokens", permission: "account.manage" },
  revokeToken: { method: "delete", path: "/api/v1/tokens/{id}", permission: "account.manage" },
  users: { method: "get", path: "/api/v1/users", permission: "user.read" },
  addUser: {
    method: "post",
    path: "/api/v1/users",
    permission: "user.manage",
    resource: { user: "body.name" },
  },
  changeUser: {
    method: "post",
    path: "/api/v1/users/{user}",
    permission: "user.manage",
    resource: { user: "params.user" },
  },
  resetPassword: {
    method: "post",
    path: "/api/v1/users/{user}/password",
    permission: "user.manage",
    resource: { user: "params.user" },
  },
  access: { method: "get", path: "/api/v1/access", permission: "access.read" },
  accessHistory: { method: "get", path: "/api/v1/access/history", permission: "access.read" },
  setRules: { method: "post", path: "/api/v1/access/rules", permission: "access.manage" },
  decision: {
    method: "get",
    path: "/api/v1/access/decision",
    permission: "decision.read",
    resource: { user: "query.user" },
  },
  audit: { method: "get", path: "/api/v1/audit", permission: "audit.read" },
  auditCheck: { method: "get", path: "/api/v1/audit/check", permission: "audit.read" },
  authorities: { method: "get", path: "/api/v1/ca", permission: "public" },
  revokeAuthority: {
    method: "post",
    path: "/api/v1/ca/{id}/revoke",
    permission: "certificate.revoke",
  },
  crl: { method: "get", path: "/api/v1/crl", permission: "public" },
  certificates: { method: "get", path: "/api/v1/certificates", permission: "certificate.read" },
  certificate: {
    method: "get",
    path: "/api/v1/certificates/{serial}",
    permission: "certificate.read",
  },
  revokeCertificate: {
    method: "post",
    path: "/api/v1/certificates/{serial}/revoke",
    permission: "certificate.revoke",
  },
  // The subject's signature is the right to it.
  renewCertificate: {
    method: "post",
    path: "/api/v1/certificates/{serial}/renew",
    permission: "public",
  },
  certificateRequests: {
    method: "get",
    path: "/api/v1/certificate-requests",
    permission: "certificate.approve",
  },
  // The one-time code is.
  submitCertificateRequest: {
    method: "post",
    path: "/api/v1/certificate-requests",
    permission: "public",
  },
  certificateRequest: {
    method: "get",
    path: "/api/v1/certificate-requests/{id}",
    permission: "public",
  },
  approveCertificateRequest: {
    method: "post",
    path: "/api/v1/certificate-requests/{id}/approve",
    permission: "certificate.approve",
  },
  rejectCertificateRequest: {
    method: "post",
    path: "/api/v1/certificate-requests/{id}/reject",
    permission: "certificate.approve",
  },
  enrolmentCodes: {
    method: "get",
    path: "/api/v1/enrolment-codes",
    permission: "certificate.approve",
  },
  createEnrolmentCode: {
    method: "post",
    path: "/api/v1/enrolment-codes",
    permission: "identity.enrol",
    resource: { role: "body.role" },
  },
  recoveryKeys: {
    method: "get",
    path: "/api/v1/recovery/keys",
    permission: "key.read",
    resource: { owner: "query.owner" },
  },
  keepKey: { method: "post", path: "/api/v1/recovery/keys", permission: "key.keep" },
  custodians: { method: "get", path: "/api/v1/recovery/custodians", permission: "key.keep" },
  recoveryRequests: {
    method: "get",
    path: "/api/v1/recovery/requests",
    permission: "key.read",
    resource: { owner: "query.owner" },
  },
  recoveryRequest: {
    method: "get",
    path: "/api/v1/recovery/requests/{id}",
    permission: "key.read",
    resource: { owner: "query.owner" },
  },
  askForKey: {
    method: "post",
    path: "/api/v1/recovery/requests",
    permission: "key.recover",
    resource: { owner: "body.owner" },
  },
  releaseShare: {
    method: "post",
    path: "/api/v1/recovery/requests/{id}/releases",
    permission: "key.approve",
  },
  reportShares: {
    method: "post",
    path: "/api/v1/recovery/requests/{id}/bad-shares",
    permission: "key.recover",
    resource: { owner: "body.owner" },
  },
  completeRecovery: {
    method: "post",
    path: "/api/v1/recovery/requests/{id}/complete",
    permission: "key.recover",
    resource: { owner: "body.owner" },
  },
  // A key made here for somebody, handed over sealed.
  deliverKey: {
    method: "post",
    path: "/api/v1/key-deliveries",
    permission: "identity.enrol",
    resource: { role: "body.role" },
  },
  // Who knows the id may, once.
  fetchKey: { method: "post", path: "/api/v1/key-deliveries/{id}/fetch", permission: "public" },
  recoveryNotices: {
    method: "get",
    path: "/api/v1/recovery/notices",
    permission: "account.manage",
  },
} as const satisfies Record<string, RoutePath>;

/** Events of contracts (SSE), guide §4.3.4: `?address=&topic=&after=height.index`, or `Last-Event-ID`. */
export const contractEventsPath = "/api/v1/contract-events";

export type RouteName = keyof typeof routePaths;

/** The event stream (SSE); its events are `StreamEvent` of `contract.ts`. */
export const streamPath = "/api/v1/stream";
