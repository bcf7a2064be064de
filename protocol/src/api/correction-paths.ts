/** Corrections of readings. */
export const correctionPaths = {
  corrections: {
    method: "get",
    path: "/api/v1/meters/{meter}/corrections",
    permission: "ledger.read",
  },
  // The signatures in it are the right to it.
  submitCorrection: { method: "post", path: "/api/v1/corrections", permission: "public" },
} as const;
