/** Sessions, tokens and users. */
export const identityPaths = {
  session: { method: "get", path: "/api/v1/session", permission: "public" },
  signIn: { method: "post", path: "/api/v1/session", permission: "public" },
  signOut: { method: "delete", path: "/api/v1/session", permission: "public" },
  changePassword: {
    method: "post",
    path: "/api/v1/session/password",
    permission: "account.password",
  },
  signInChallenge: { method: "post", path: "/api/v1/session/challenge", permission: "public" },
  signInKey: { method: "post", path: "/api/v1/session/key", permission: "public" },
  sessions: { method: "get", path: "/api/v1/sessions", permission: "account.manage" },
  endSession: { method: "delete", path: "/api/v1/sessions/{id}", permission: "account.manage" },
  tokens: { method: "get", path: "/api/v1/tokens", permission: "account.manage" },
  addToken: { method: "post", path: "/api/v1/tokens", permission: "account.manage" },
  revokeToken: { method: "delete", path: "/api/v1/tokens/{id}", permission: "account.manage" },
  users: { method: "get", path: "/api/v1/users", permission: "user.read" },
  addUser: {
    method: "post",
    path: "/api/v1/users",
    permission: "user.manage",
    resource: { user: "body.name" },
  },
  changeUser: {
    method: "post",
    path: "/api/v1/users/{user}",
    permission: "user.manage",
    resource: { user: "params.user" },
  },
  resetPassword: {
    method: "post",
    path: "/api/v1/users/{user}/password",
    permission: "user.manage",
    resource: { user: "params.user" },
  },
} as const;
