/** What the hub and the nodes say of themselves, and the genesis. */
export const networkPaths = {
  status: { method: "get", path: "/api/v1/status", permission: "public" },
  genesis: { method: "get", path: "/api/v1/genesis", permission: "public" },
  nodes: { method: "get", path: "/api/v1/nodes", permission: "ledger.read" },
} as const;
