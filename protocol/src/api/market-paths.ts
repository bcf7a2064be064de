/** The energy market. */
export const marketPaths = {
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
} as const;
