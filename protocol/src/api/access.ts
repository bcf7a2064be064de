/** Roles at the REST door: of people, of programs, and in their certificates (guide §6.3.2). */
export const restRoles = [
  "operator",
  "administrator",
  "supervisor",
  "auditor",
  "custodian",
  "application",
  "device",
] as const;

export type RestRole = (typeof restRoles)[number];

/**
 * Every permission a route can ask for, once, with the attributes that its routes tell of the resource:
 * a rule may set conditions on these and on no others. What a permission lets who do is policy
 * (`protocol/access`), not code.
 */
export const permissions = {
  /** Blocks, transactions, meters, readings, proofs, nodes, identities, the event stream. */
  "ledger.read": [],
  /** What the hub still sends or knows to be refused; `owner` is the sender's identity id. */
  "submission.read": ["owner"],
  /** Objects and their bytes; `classification` is the object's, `owner` the identity id of who put it. */
  "object.read": ["classification", "owner"],
  /** `role` is the one the new identity gets. */
  "identity.enrol": ["role"],
  "certificate.read": [],
  "certificate.request": [],
  "certificate.approve": [],
  "certificate.revoke": [],
  /** Have an encryption key of one's own kept, and see who could keep it. */
  "key.keep": [],
  /** Kept keys and requests; `owner` is the identity id of the key's owner, where the caller names it. */
  "key.read": ["owner"],
  "key.recover": ["owner"],
  "key.approve": [],
  /** The catalogue of mapped tables, and how they stand. */
  "mapping.read": [],
  /** Keys and values of mapped rows: findings and proofs. */
  "rows.read": [],
  "mapping.manage": [],
  "user.read": [],
  /** `user` is whose account is changed. */
  "user.manage": ["user"],
  /** Rules, their history, and what each role may. */
  "access.read": [],
  /** "May this user do that?"; `user` is who is asked about. */
  "decision.read": ["user"],
  "access.manage": [],
  "audit.read": [],
  /** The caller's own webhooks. */
  "webhook.manage": [],
  /** The caller's own password. */
  "account.password": [],
  /** The caller's own sessions and tokens. */
  "account.manage": [],
} as const satisfies Record<string, readonly string[]>;

export type Permission = keyof typeof permissions;

export const permissionNames = Object.keys(permissions) as Permission[];
