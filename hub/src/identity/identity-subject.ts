import type { Subject } from "@gridledger/protocol/access/rules";
import { type RestRole, restRoles } from "@gridledger/protocol/api/access";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import { ledgerRole, restRole } from "@gridledger/protocol/pki/role-table";

/** An enrolled identity, as far as signing in needs it. */
export interface SignInIdentity {
  /** Hex. */
  readonly id: string;
  readonly role: Role;
  readonly publicKey: Uint8Array;
}

/**
 * An identity as the policy sees it: named `key:<id>`, which no user can be named, with its role on the
 * ledger. @throws Fault FORBIDDEN for a role that has no business at the REST door
 */
export function identitySubject({ id, role }: Pick<SignInIdentity, "id" | "role">): Subject {
  if (!isRestRole(role)) throw new Fault("FORBIDDEN", `a ${role} has no business at this door`);
  return { name: `key:${id}`, roles: ["member", role], attributes: { identity: id } };
}

/**
 * Who a verified client certificate is (guide §6.3.1): its role and attributes, the same roles as
 * everybody's. The chain, the validity and the revocation were checked by whoever took the connection.
 *
 * @param findIdentity what the ledger says of the key: where it says another role, the ledger counts
 * @throws Fault CERTIFICATE_ROLE, FORBIDDEN
 */
export function identityFromCertificate(
  certificate: Pick<Certificate, "key" | "subjectRole">,
  findIdentity: (id: string) => { readonly role: Role } | undefined,
): Subject {
  const { key, subjectRole } = certificate;
  if (subjectRole === undefined) throw new Fault("CERTIFICATE_ROLE", "it names no role");
  const id = formatHex(identityId(key.algorithm.suite.hash, key.publicKey));
  const known = findIdentity(id);
  if (known !== undefined && known.role !== ledgerRole(subjectRole.role)) {
    throw new Fault("CERTIFICATE_ROLE", `on the ledger this key is a ${known.role}`);
  }
  const role = restRole(subjectRole.role);
  if (role === undefined) {
    throw new Fault("FORBIDDEN", `a ${subjectRole.role} has no business at this door`);
  }
  const attributes = { ...Object.fromEntries(subjectRole.attributes), identity: id };
  return { name: `key:${id}`, roles: ["member", role], attributes };
}

function isRestRole(role: Role): role is Role & RestRole {
  return (restRoles as readonly string[]).includes(role);
}
