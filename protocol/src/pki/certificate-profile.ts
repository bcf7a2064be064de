import type { PkiAlgorithm } from "./algorithms.ts";
import { type AltNames, encodeAltNames, encodeCrlUri } from "./alt-names.ts";
import { encodeBasicConstraints } from "./certificate-extensions.ts";
import type { Extension } from "./extension-list.ts";
import { encodeAuthorityKeyId, encodeSubjectKeyId } from "./key-id.ts";
import { encodeExtendedUsage, encodeKeyUsage, type KeyUsage } from "./key-usage.ts";
import { oid } from "./oids.ts";
import { keyIdentifier, type SubjectPublicKey } from "./public-key.ts";
import { encodeSubjectRole } from "./role-extension.ts";
import type { CertificateRole } from "./role-table.ts";

export type TransportPurpose = "tlsServer" | "tlsClient";

/** What a certificate is for. Signing and encryption never share one (guide §6.2.2, GM/T 0034). */
export type CertificateProfile =
  /**
   * Signs certificates and CRLs. `maxPathLength` 0: end entities only below it. With `purposes` nothing below
   * it serves another one: whoever takes such a key makes no identities with it.
   */
  | {
      readonly kind: "authority";
      readonly maxPathLength?: number;
      readonly purposes?: readonly TransportPurpose[];
    }
  /** Signs transactions and messages; with `tlsClient` also opens TLS as a client. */
  | { readonly kind: "signing"; readonly tlsClient?: boolean }
  /** Others encrypt to it; its key may be recoverable. */
  | { readonly kind: "encryption" }
  /** A TLS server's, which may also be a client; signs nothing on the ledger. */
  | { readonly kind: "tls"; readonly tlsClient?: boolean };

function keyUsages(
  { kind }: CertificateProfile,
  { encryptionUsages }: PkiAlgorithm,
): readonly KeyUsage[] {
  switch (kind) {
    case "authority":
      return ["certificateSigning", "crlSigning"];
    case "signing":
      return ["digitalSignature", "contentCommitment"];
    case "encryption":
      return encryptionUsages;
    case "tls":
      return ["digitalSignature"]; // TLS 1.3 and ECDHE sign only
  }
}

/** RFC 5280 §4.2.1.12: a certificate that lists purposes serves no other. */
export function purposesOf(profile: CertificateProfile): readonly string[] {
  if (profile.kind === "authority") return (profile.purposes ?? []).map((purpose) => oid[purpose]);
  const client = "tlsClient" in profile && profile.tlsClient ? [oid.tlsClient] : [];
  if (profile.kind === "signing") return [oid.ledgerSigning, ...client];
  return profile.kind === "tls" ? [oid.tlsServer, ...client] : [];
}

interface ProfileFields {
  readonly profile: CertificateProfile;
  readonly subject: {
    readonly role?: CertificateRole;
    readonly attributes?: ReadonlyMap<string, string>;
  };
  readonly altNames?: AltNames;
  readonly crlUri?: string;
}

/** The extensions, always in this order. @throws Fault CERTIFICATE_FIELDS */
export function profileExtensions(
  { profile, subject, altNames, crlUri }: ProfileFields,
  key: SubjectPublicKey,
  authorityKeyId: Uint8Array,
): Extension[] {
  const extension = (id: string, value: Uint8Array, isCritical = false): Extension => ({
    oid: id,
    isCritical,
    value,
  });
  const isAuthority = profile.kind === "authority";
  const constraints = {
    isAuthority,
    maxPathLength: isAuthority ? profile.maxPathLength : undefined,
  };
  const extended = purposesOf(profile);
  const { role, attributes = new Map<string, string>() } = subject;
  return [
    extension(oid.basicConstraints, encodeBasicConstraints(constraints), true),
    extension(oid.keyUsage, encodeKeyUsage(keyUsages(profile, key.algorithm)), true),
    ...(extended.length > 0
      ? [extension(oid.extendedKeyUsage, encodeExtendedUsage(extended))]
      : []),
    extension(oid.subjectKeyId, encodeSubjectKeyId(keyIdentifier(key))),
    extension(oid.authorityKeyId, encodeAuthorityKeyId(authorityKeyId)),
    ...(altNames ? [extension(oid.altNames, encodeAltNames(altNames))] : []),
    ...(crlUri === undefined ? [] : [extension(oid.crlDistributionPoints, encodeCrlUri(crlUri))]),
    ...(role === undefined ? [] : [extension(oid.role, encodeSubjectRole({ role, attributes }))]),
  ];
}
