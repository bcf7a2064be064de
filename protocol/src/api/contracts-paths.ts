/** Contracts and what they said, guide §4.3. */
export const contractsPaths = {
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
} as const;
