/** Who may do what, and the audit trail of it. */
export const accessPaths = {
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
  auditAnchors: { method: "get", path: "/api/v1/audit/anchors", permission: "audit.read" },
  auditCheck: { method: "get", path: "/api/v1/audit/check", permission: "audit.read" },
} as const;
