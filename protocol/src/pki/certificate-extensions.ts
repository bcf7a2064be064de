import { Fault } from "../faults.ts";
import { type AltNames, readAltNames, readCrlUri } from "./alt-names.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { integer, sequence, TRUE } from "./asn1-writer.ts";
import type { ExtensionList } from "./extension-list.ts";
import { readAuthorityKeyId, readSubjectKeyId } from "./key-id.ts";
import { type KeyUsage, readExtendedUsage, readKeyUsage } from "./key-usage.ts";
import { oid } from "./oids.ts";
import { readSubjectRole, type SubjectRole } from "./role-extension.ts";

/** What the extensions of a certificate say. */
export interface CertificateExtensions {
  readonly isAuthority: boolean;
  /** CA certificates that may follow below; undefined: no limit. */
  readonly maxPathLength: number | undefined;
  readonly keyUsage: ReadonlySet<KeyUsage>;
  /** OIDs; undefined: not limited. */
  readonly extendedUsage: readonly string[] | undefined;
  readonly subjectKeyId: Uint8Array | undefined;
  readonly authorityKeyId: Uint8Array | undefined;
  readonly altNames: AltNames;
  readonly crlUri: string | undefined;
  readonly subjectRole: SubjectRole | undefined;
}

interface BasicConstraints {
  readonly isAuthority: boolean;
  readonly maxPathLength: number | undefined;
}

/** RFC 5280 §4.2.1.9. */
export function encodeBasicConstraints(constraints: BasicConstraints): Uint8Array {
  const { isAuthority, maxPathLength } = constraints;
  if (!isAuthority) return sequence();
  return maxPathLength === undefined ? sequence(TRUE) : sequence(TRUE, integer(maxPathLength));
}

/** @throws Fault PKI_MALFORMED */
export function readBasicConstraints(value: Uint8Array): BasicConstraints {
  const outer = new Asn1Reader(value);
  const reader = outer.nested();
  outer.end();
  const isAuthority = reader.flag();
  const maxPathLength = reader.isAtEnd ? undefined : reader.smallNumber();
  reader.end();
  if (!isAuthority && maxPathLength !== undefined) {
    throw malformed("a path length without an authority");
  }
  return { isAuthority, maxPathLength };
}

const known: ReadonlySet<string> = new Set([
  oid.basicConstraints,
  oid.keyUsage,
  oid.extendedKeyUsage,
  oid.altNames,
  oid.role,
]);

/** @throws Fault PKI_MALFORMED, CERTIFICATE_EXTENSION, CERTIFICATE_ROLE */
export function readCertificateExtensions(list: ExtensionList): CertificateExtensions {
  list.checkCritical(known);
  // RFC 5280 §4.2.1.10 wants it critical: a CA that only hints at it meant it to hold.
  if (list.has(oid.nameConstraints)) {
    throw new Fault("CERTIFICATE_EXTENSION", "name constraints are not supported here");
  }
  const constraints = list.read(oid.basicConstraints, readBasicConstraints);
  const keyUsage = list.read(oid.keyUsage, readKeyUsage);
  if (keyUsage === undefined) {
    throw new Fault("CERTIFICATE_EXTENSION", "a certificate here says what its key is for");
  }
  const isAuthority = constraints?.isAuthority ?? false;
  if (isAuthority !== keyUsage.has("certificateSigning")) {
    // RFC 5280 §4.2.1.3, §4.2.1.9: the two must agree.
    throw new Fault("CERTIFICATE_EXTENSION", "basic constraints and key usage contradict");
  }
  return {
    isAuthority,
    maxPathLength: constraints?.maxPathLength,
    keyUsage,
    extendedUsage: list.read(oid.extendedKeyUsage, readExtendedUsage),
    subjectKeyId: list.read(oid.subjectKeyId, readSubjectKeyId),
    authorityKeyId: list.read(oid.authorityKeyId, readAuthorityKeyId),
    altNames: list.read(oid.altNames, readAltNames) ?? { dns: [], ip: [] },
    crlUri: list.read(oid.crlDistributionPoints, readCrlUri),
    subjectRole: list.read(oid.role, readSubjectRole),
  };
}
