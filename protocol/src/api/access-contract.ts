import { z } from "zod";
import { permissionNames, restRoles } from "./access.ts";
import { decimal } from "./decimal.ts";
import { hex32, limit, page, timeMs } from "./shapes.ts";

const text = (max: number) => z.string().regex(new RegExp(`^[^\\p{C}]{1,${max}}$`, "u"));
const permission = z.enum(permissionNames);
const policyRole = z.enum([...restRoles, "member", "local"]);
const path = z.templateLiteral([
  z.enum(["user", "resource"]),
  ".",
  z.string().regex(/^[a-z][a-z0-9.-]{0,31}$/),
]);

const rule = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/),
  effect: z.enum(["permit", "deny"]),
  roles: z.array(policyRole).min(1).max(16),
  permissions: z.array(permission).min(1).max(permissionNames.length),
  where: z
    .array(
      z.strictObject({
        attribute: path,
        oneOf: z.array(text(128)).min(1).max(64).optional(),
        sameAs: path.optional(),
      }),
    )
    .max(8)
    .default([]),
  why: z.strictObject({ en: text(200), zh: text(200) }),
});

const version = z.object({
  version: z.number().int(),
  timeMs,
  actor: z.string(),
  note: z.string(),
  rules: z.array(rule),
});

const decision = z.object({
  effect: z.enum(["permit", "deny"]),
  user: z.string(),
  roles: z.array(policyRole),
  permission,
  resource: z.record(z.string(), z.string()),
  /** The rule that decided; null where none fits, which denies. */
  rule: rule.nullable(),
  why: z.object({ en: z.string(), zh: z.string() }),
});

/** Number of the last item of the page before. */
const lineCursor = z
  .string()
  .regex(/^\d{1,15}$/)
  .optional();

const auditCategory = z.enum(["platform", "application", "user", "node", "data", "supervision"]);

const auditEvent = z.object({
  sequence: z.number().int(),
  timeMs,
  category: auditCategory,
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  result: z.enum(["done", "refused"]),
  /** JSON of what it was and of what it became. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  detail: z.string(),
  /** Of this event and the hash before: the chain of the log. */
  hash: hex32,
});

/** Who may do what, and what people did about it. */
export const accessContract = {
  access: {
    summary: "Roles, permissions and the rules in force",
    answer: z.object({
      version: z.number().int(),
      /** In the order in which they are read; the first that fits decides. */
      rules: z.array(rule.extend({ origin: z.enum(["guard", "added", "default"]) })),
      /** What each role may do, for some resource at least. */
      matrix: z.array(z.object({ role: z.enum(restRoles), permissions: z.array(permission) })),
    }),
  },
  accessHistory: {
    summary: "Every version of the added rules, newest first",
    answer: z.object({ items: z.array(version) }),
  },
  setRules: {
    summary: "Replace the added rules; `version` is the one they were made from",
    body: z.object({
      version: z.number().int().nonnegative(),
      note: text(200),
      rules: z.array(rule).max(200),
    }),
    answer: version,
  },
  decision: {
    summary: "May this user do that? With the rule that decides",
    query: z.object({
      user: z.string().min(1).max(64),
      permission,
      /** Attributes of the resource, `name=value,name=value`. */
      resource: z.string().max(512).default(""),
    }),
    answer: decision,
  },
  audit: {
    summary: "What people did, newest first",
    query: z.object({
      limit: limit.default(50),
      cursor: lineCursor,
      category: auditCategory.optional(),
      from: decimal(timeMs).optional(),
      to: decimal(timeMs).optional(),
      actor: z.string().max(64).optional(),
      target: z.string().max(128).optional(),
      text: z.string().max(128).optional(),
    }),
    answer: z.object({ items: z.array(auditEvent), next: z.string().nullable() }),
  },
  auditAnchors: {
    summary: "Anchors of the log on the chain, oldest first, with the salts that open them",
    query: z.object({ limit: limit.default(50), cursor: lineCursor }),
    answer: page(
      z.object({
        /** Sequence number of its first event. */
        firstLine: z.number().int(),
        lines: z.number().int(),
        salt: hex32,
        /** Null before it was sent first. */
        transaction: hex32.nullable(),
        /** Null until it is final. */
        height: z.number().int().nullable(),
      }),
    ),
  },
  auditCheck: {
    summary: "Whether the chain of the log is whole",
    answer: z.object({
      events: z.number().int(),
      /** The first event that does not fit the one before it; null where all do. */
      brokenAt: z.number().int().nullable(),
      /** Hash of the newest event; null while there is none. */
      head: hex32.nullable(),
    }),
  },
} as const;
