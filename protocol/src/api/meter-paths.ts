/** Meters and their readings. */
export const meterPaths = {
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
} as const;
