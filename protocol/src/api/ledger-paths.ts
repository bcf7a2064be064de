/** Blocks and transactions. */
export const ledgerPaths = {
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
} as const;
