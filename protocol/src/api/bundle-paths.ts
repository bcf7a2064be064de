/** Evidence bundles: one file that proves itself. */
export const bundlePaths = {
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
} as const;
