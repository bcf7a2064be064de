/** Kept encryption keys, and keys that are handed over. */
export const recoveryPaths = {
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
} as const;
