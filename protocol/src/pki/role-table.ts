import type { RestRole } from "../api/access.ts";
import type { Role } from "../ledger/roles.ts";

interface RoleRow {
  /** Role of the key on the ledger; undefined: it signs nothing there. */
  readonly ledger: Role | undefined;
  /** Role at the REST door; undefined: it has no business there. */
  readonly rest: RestRole | undefined;
}

/**
 * The role in a certificate → what it means on the ledger and at the REST door (guide §6.3.2). The
 * certificate says what somebody *is*; what the role may *do* is policy, elsewhere. A certificate
 * alone makes no validator and no hub: those enter by governance, and the key must match.
 */
export const roleTable = {
  validator: { ledger: "validator", rest: undefined },
  /** A node that syncs before it is voted in. */
  candidate: { ledger: "candidate", rest: undefined },
  hub: { ledger: "hub", rest: undefined },
  device: { ledger: "device", rest: "device" },
  application: { ledger: "application", rest: "application" },
  operator: { ledger: "operator", rest: "operator" },
  administrator: { ledger: "administrator", rest: "administrator" },
  supervisor: { ledger: "supervisor", rest: "supervisor" },
  auditor: { ledger: "auditor", rest: "auditor" },
  /** A member of the consortium; the people and programs of it have roles of their own. */
  organisation: { ledger: "organisation", rest: undefined },
  /** Holds a share of the recovery key of encryption keys (guide §6.2.2). */
  custodian: { ledger: "custodian", rest: "custodian" },
} as const satisfies Record<string, RoleRow>;

export type CertificateRole = keyof typeof roleTable;

export function isCertificateRole(text: string): text is CertificateRole {
  return Object.hasOwn(roleTable, text);
}

export function ledgerRole(role: CertificateRole): Role | undefined {
  return roleTable[role].ledger;
}

export function restRole(role: CertificateRole): RestRole | undefined {
  return roleTable[role].rest;
}
