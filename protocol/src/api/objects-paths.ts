/** Data objects, guide §4.4. */
export const objectsPaths = {
  objects: { method: "get", path: "/api/v1/objects", permission: "object.read" },
  object: { method: "get", path: "/api/v1/objects/{object}", permission: "object.read" },
  // The signature of the transaction is the right to it, as with every transaction.
  putObject: { method: "post", path: "/api/v1/objects", permission: "public" },
  putChunk: {
    method: "put",
    path: "/api/v1/objects/{object}/chunks/{index}",
    permission: "public",
  },
  commitObject: {
    method: "post",
    path: "/api/v1/objects/{object}/commit",
    permission: "public",
  },
  objectChunk: {
    method: "get",
    path: "/api/v1/objects/{object}/chunks/{index}",
    permission: "object.read",
  },
  objectData: {
    method: "get",
    path: "/api/v1/objects/{object}/data",
    permission: "object.read",
  },
  objectOpening: {
    method: "get",
    path: "/api/v1/objects/{object}/opening",
    permission: "object.read",
  },
  objectErasure: {
    method: "get",
    path: "/api/v1/objects/{object}/erasure",
    permission: "object.read",
  },
  objectCopies: {
    method: "get",
    path: "/api/v1/objects/{object}/copies",
    permission: "object.read",
  },
  copies: { method: "get", path: "/api/v1/copies", permission: "ledger.read" },
} as const;
