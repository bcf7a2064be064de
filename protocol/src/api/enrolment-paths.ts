/** Identities of the channel and their keys. */
export const enrolmentPaths = {
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
} as const;
