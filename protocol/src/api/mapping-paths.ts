/** Mapped tables of other programs, guide §9.2. */
export const mappingPaths = {
  mappings: { method: "get", path: "/api/v1/mappings", permission: "mapping.read" },
  addMapping: { method: "post", path: "/api/v1/mappings", permission: "mapping.manage" },
  mapping: { method: "get", path: "/api/v1/mappings/{id}", permission: "mapping.read" },
  runMapping: { method: "post", path: "/api/v1/mappings/{id}/run", permission: "mapping.manage" },
  sweepMapping: {
    method: "post",
    path: "/api/v1/mappings/{id}/sweep",
    permission: "mapping.manage",
  },
  pauseMapping: {
    method: "post",
    path: "/api/v1/mappings/{id}/state",
    permission: "mapping.manage",
  },
  declareChanges: {
    method: "post",
    path: "/api/v1/mappings/{id}/changes",
    permission: "mapping.manage",
  },
  findings: { method: "get", path: "/api/v1/mappings/{id}/findings", permission: "rows.read" },
  row: { method: "get", path: "/api/v1/mappings/{id}/rows/{key}", permission: "rows.read" },
  rowProof: {
    method: "get",
    path: "/api/v1/mappings/{id}/rows/{key}/proof",
    permission: "rows.read",
  },
  databases: { method: "get", path: "/api/v1/databases", permission: "mapping.manage" },
  catalogue: { method: "get", path: "/api/v1/catalogue", permission: "mapping.read" },
} as const;
