import { z } from "zod";
import { permissionNames, restRoles } from "./access.ts";
import { base64url, identityHex, limit, timeMs } from "./shapes.ts";

/** Anything that names a user or, as `key:<id>`, an identity's key. */
const userName = z.string().min(1).max(64);
const id = z.string().regex(/^[A-Za-z0-9_-]{12}$/);
const role = z.enum(restRoles);
const permission = z.enum(permissionNames);
/** As in certificates (guide §6.3.2). */
const attributes = z
  .record(z.string().regex(/^[a-z][a-z0-9.-]{0,31}$/), z.string().regex(/^[^\p{C}]{1,128}$/u))
  .refine((given) => Object.keys(given).length <= 16, "at most 16 attributes");
const roles = z.array(role).max(restRoles.length);
const label = z.string().regex(/^[^\p{C}]{1,64}$/u);

const session = z.object({
  signedIn: z.boolean(),
  user: z.string().nullable(),
  roles,
  /** What this caller may do, for some resource at least. */
  permissions: z.array(permission),
  mustChangePassword: z.boolean(),
  /** To be sent as X-CSRF-Token with every POST and DELETE of this session. */
  csrfToken: z.string().nullable(),
});

const user = z.object({
  name: z.string(),
  kind: z.enum(["person", "program"]),
  roles,
  attributes,
  enabled: z.boolean(),
  /** True while the password is the one-time one. */
  mustChangePassword: z.boolean(),
  createdMs: timeMs,
  lastSignInMs: timeMs.nullable(),
});

const oneTime = z.object({
  user,
  /** Shown this once; null for a program, which has tokens instead. */
  oneTimePassword: z.string().nullable(),
});

const openSession = z.object({
  id,
  /** True for the one that asks. */
  own: z.boolean(),
  address: z.string(),
  createdMs: timeMs,
  seenMs: timeMs,
  expiresMs: timeMs,
});

const token = z.object({
  id,
  name: z.string(),
  permissions: z.array(permission),
  createdMs: timeMs,
  expiresMs: timeMs,
  usedMs: timeMs.nullable(),
  revokedMs: timeMs.nullable(),
});

/** Sign-in, users, own sessions, tokens. */
export const identityContract = {
  session: { summary: "Who am I", answer: session },
  signIn: {
    summary: "Sign in with user name and password",
    body: z.object({ user: z.string().max(64), password: z.string().max(256) }),
    answer: session,
  },
  signOut: { summary: "Sign out", answer: session },
  changePassword: {
    summary: "Choose a new password",
    body: z.object({ current: z.string().max(256), next: z.string().min(12).max(256) }),
    answer: session,
  },
  signInChallenge: {
    summary: "A challenge for a program that signs in with its identity's key",
    answer: z.object({ challenge: base64url, hub: identityHex, expiresMs: timeMs }),
  },
  signInKey: {
    summary: "Sign in with a signed challenge; answers a short bearer token",
    body: z.object({ proof: base64url.min(1).max(1_024) }),
    answer: z.object({ token: z.string(), user: z.string(), expiresMs: timeMs }),
  },
  users: {
    summary: "Users by name",
    query: z.object({
      limit: limit.default(100),
      cursor: z.string().max(64).optional(),
    }),
    answer: z.object({ items: z.array(user), next: z.string().nullable() }),
  },
  addUser: {
    summary: "Add a person or a program",
    body: z.object({
      name: userName,
      kind: z.enum(["person", "program"]).default("person"),
      roles,
      attributes: attributes.default({}),
    }),
    answer: oneTime,
  },
  changeUser: {
    summary: "Change roles or attributes, disable or enable; ends the user's sessions",
    params: z.object({ user: userName }),
    body: z.object({
      roles: roles.optional(),
      attributes: attributes.optional(),
      enabled: z.boolean().optional(),
    }),
    answer: z.object({ user }),
  },
  resetPassword: {
    summary: "Give a person a new one-time password; ends their sessions",
    params: z.object({ user: userName }),
    answer: oneTime,
  },
  sessions: {
    summary: "The caller's open sessions",
    answer: z.object({ items: z.array(openSession) }),
  },
  endSession: {
    summary: "End one of the caller's sessions",
    params: z.object({ id }),
    answer: z.object({ items: z.array(openSession) }),
  },
  tokens: {
    summary: "API tokens of the caller, or of a program",
    query: z.object({ user: userName.optional() }),
    answer: z.object({ items: z.array(token) }),
  },
  addToken: {
    summary: "Make an API token for the caller, or for a program",
    body: z.object({
      user: userName.optional(),
      name: label,
      permissions: z.array(permission).min(1),
      days: z.number().int().min(1).max(366).default(90),
    }),
    answer: z.object({
      token,
      /** Shown this once. */
      secret: z.string(),
    }),
  },
  revokeToken: {
    summary: "Revoke an API token",
    params: z.object({ id }),
    answer: z.object({ token }),
  },
} as const;
