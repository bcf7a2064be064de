import type { Subject } from "@gridledger/protocol/access/rules";
import { type RestRole, restRoles } from "@gridledger/protocol/api/access";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { identityRevoked, type Standing } from "@gridledger/protocol/ledger/standing";
import { IDENTITY_ATTRIBUTE } from "@gridledger/protocol/pki/certified-identity";
import { type CertificateRole, ledgerRole, restRole } from "@gridledger/protocol/pki/role-table";
import type { CertifiedClient } from "../tls/client-certificates.ts";

/** What the ledger says of an identity at a door. */
interface LedgerStanding {
  readonly role: Role;
  /** Undefined while the chain has heard of no certificate. */
  readonly standing?: Pick<Standing, "isRevoked" | "reason" | "height"> | undefined;
}

/** An enrolled identity, as far as signing in needs it. */
export interface SignInIdentity extends LedgerStanding {
  /** Hex. */
  readonly id: string;
  /** The key of now. */
  readonly publicKey: Uint8Array;
  readonly suiteId?: number;
}

/**
 * An identity as the policy sees it: named `key:<id>`, which no user can be named, with its role on the
 * ledger. @throws Fault IDENTITY_REVOKED, FORBIDDEN for a role that has no business at the REST door
 */
export function identitySubject({
  id,
  role,
  standing,
}: Omit<SignInIdentity, "publicKey">): Subject {
  if (standing?.isRevoked) throw identityRevoked(id, standing);
  if (!isRestRole(role)) throw new Fault("FORBIDDEN", `a ${role} has no business at this door`);
  return { name: `key:${id}`, roles: ["member", role], attributes: { identity: id } };
}

/**
 * Who a verified client certificate is (guide §6.3.1): its role and attributes, the same roles as
 * everybody's. The path, the validity and the revocation were checked by `ClientCertificates`.
 *
 * @param findIdentity what the ledger says of the identity: where it says another role, the ledger counts
 * @throws Fault CERTIFICATE_ROLE, TLS_CERTIFICATE_IDENTITY, IDENTITY_REVOKED, FORBIDDEN
 */
export function identityFromCertificate(
  { identity, certificate }: Pick<CertifiedClient, "identity" | "certificate">,
  findIdentity: (id: string) => LedgerStanding | undefined,
): Subject {
  const { role, attributes, publicKey, suite } = certificate;
  if (role === undefined) throw new Fault("CERTIFICATE_ROLE", "it names no role");
  const id = identity ?? formatHex(identityId(suite.hash, publicKey));
  const known = findIdentity(id);
  if (known === undefined && attributes.has(IDENTITY_ATTRIBUTE)) {
    throw new Fault("TLS_CERTIFICATE_IDENTITY", `the ledger does not know ${id}`);
  }
  if (known !== undefined) checkRole(id, known, role);
  const door = restRole(role);
  if (door === undefined) throw new Fault("FORBIDDEN", `a ${role} has no business at this door`);
  return {
    name: `key:${id}`,
    roles: ["member", door],
    attributes: { ...Object.fromEntries(attributes), identity: id },
  };
}

function checkRole(id: string, known: LedgerStanding, role: CertificateRole): void {
  if (known.standing?.isRevoked) throw identityRevoked(id, known.standing);
  if (known.role !== ledgerRole(role)) {
    throw new Fault("CERTIFICATE_ROLE", `on the ledger ${id} is a ${known.role}`);
  }
}

function isRestRole(role: Role): role is Role & RestRole {
  return (restRoles as readonly string[]).includes(role);
}
