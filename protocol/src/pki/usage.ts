import { Fault } from "../faults.ts";
import type { Certificate } from "./certificate.ts";
import type { KeyUsage } from "./key-usage.ts";
import { oid } from "./oids.ts";

/** What a certificate is shown for. */
export type CertificateUsage = "signing" | "encryption" | "tlsServer" | "tlsClient" | "authority";

interface UsageRule {
  /** One of these must stand in the key usage (RFC 5280 §4.2.1.3). */
  readonly keyUsage: readonly KeyUsage[];
  /** One of these must stand in the extended key usage, where there is one (§4.2.1.12). */
  readonly purposes: readonly string[];
  readonly needsPurpose: boolean;
  readonly needsRole: boolean;
}

const any = oid.anyExtendedUsage;

const rules: Readonly<Record<CertificateUsage, UsageRule>> = {
  signing: {
    keyUsage: ["digitalSignature"],
    purposes: [oid.ledgerSigning, any],
    needsPurpose: false,
    needsRole: true,
  },
  encryption: {
    keyUsage: ["keyAgreement", "keyEncipherment"],
    purposes: [any],
    needsPurpose: false,
    needsRole: true,
  },
  tlsServer: {
    keyUsage: ["digitalSignature"],
    purposes: [oid.tlsServer],
    needsPurpose: true,
    needsRole: false,
  },
  tlsClient: {
    keyUsage: ["digitalSignature"],
    purposes: [oid.tlsClient],
    needsPurpose: true,
    needsRole: true,
  },
  authority: {
    keyUsage: ["certificateSigning"],
    purposes: [],
    needsPurpose: false,
    needsRole: false,
  },
};

/** @throws Fault CERTIFICATE_USAGE, CERTIFICATE_ROLE */
export function checkUsage(certificate: Certificate, usage: CertificateUsage): void {
  const rule = rules[usage];
  const { keyUsage, extendedUsage, isAuthority, subjectRole } = certificate;
  const isKey = rule.keyUsage.some((wanted) => keyUsage.has(wanted));
  if (!isKey || isAuthority !== (usage === "authority")) {
    throw new Fault("CERTIFICATE_USAGE", `the certificate is not for ${usage}`);
  }
  if (extendedUsage === undefined ? rule.needsPurpose : !allows(certificate, usage)) {
    throw new Fault("CERTIFICATE_USAGE", `the certificate is not for ${usage}`);
  }
  if (rule.needsRole && subjectRole === undefined) {
    throw new Fault("CERTIFICATE_ROLE", "the certificate carries no role");
  }
}

/** An authority limited to some purposes cannot give others; checked for every one in a path. */
export function allows({ extendedUsage }: Certificate, usage: CertificateUsage): boolean {
  const { purposes } = rules[usage];
  return (
    extendedUsage === undefined ||
    usage === "authority" ||
    extendedUsage.some((purpose) => purposes.includes(purpose) || purpose === any)
  );
}
