/** What is decided by vote, who broke the rules, who seals. */
export const governancePaths = {
  proposals: { method: "get", path: "/api/v1/proposals", permission: "ledger.read" },
  evidence: { method: "get", path: "/api/v1/evidence", permission: "ledger.read" },
  committee: { method: "get", path: "/api/v1/committee", permission: "ledger.read" },
} as const;
