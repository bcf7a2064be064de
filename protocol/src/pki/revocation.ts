import { Fault } from "../faults.ts";
import type { Certificate } from "./certificate.ts";
import { type Crl, findRevocation, isCrlOf, verifyCrl } from "./crl.ts";
import { formatName } from "./names.ts";

export interface RevocationPolicy {
  readonly crls: readonly Crl[];
  readonly atMs: number;
  /** How long past its nextUpdate a CRL is still taken; 0 unless said. */
  readonly crlGraceMs?: number;
  /**
   * Where no current CRL is at hand: "refuse", unless said, or "flag" for doors that must not lose
   * what comes in (meter uplink) and check again later.
   */
  readonly withoutCrl?: "refuse" | "flag";
  /** Answers from the chain's state for a `revocationKey`; a yes is final whatever the CRLs say. */
  readonly isRevokedOnChain?: (key: Uint8Array) => boolean;
}

/** 32 bytes that name a certificate in the chain's revocations: hash of issuer and serial number. */
export function revocationKey({ key, issuer, serial }: Certificate): Uint8Array {
  return key.algorithm.suite.hash(issuer.encoded, Buffer.from(serial, "hex"));
}

/** The newest CRL that this issuer really signed; forged ones beside it change nothing. */
function newestCrl(crls: readonly Crl[], issuer: Certificate): Crl | undefined {
  const candidates = crls.filter((crl) => isCrlOf(crl, issuer));
  const newestFirst = candidates.toSorted((a, b) => (a.number > b.number ? -1 : 1));
  return newestFirst.find((crl) => {
    try {
      verifyCrl(crl, issuer);
      return true;
    } catch {
      return false;
    }
  });
}

function staleness(crl: Crl | undefined, policy: RevocationPolicy): Fault | undefined {
  if (crl === undefined) return new Fault("CRL_MISSING");
  const isCurrent =
    policy.atMs >= crl.thisUpdateMs && policy.atMs <= crl.nextUpdateMs + (policy.crlGraceMs ?? 0);
  return isCurrent ? undefined : new Fault("CRL_STALE", "", { data: { number: `${crl.number}` } });
}

/**
 * Whether a certificate still stands (RFC 5280 §6.3.3, guide §6.1.3). A suspended one does not.
 * @throws Fault CERTIFICATE_REVOKED, CRL_MISSING, CRL_STALE
 */
export function checkRevocation(
  certificate: Certificate,
  issuer: Certificate,
  policy: RevocationPolicy,
): "good" | "unknown" {
  const { serial, subject } = certificate;
  const data = { serial, subject: formatName(subject) };
  if (policy.isRevokedOnChain?.(revocationKey(certificate))) {
    throw new Fault("CERTIFICATE_REVOKED", "", { data });
  }
  const crl = newestCrl(policy.crls, issuer);
  // A stale CRL cannot clear anybody, but what it revokes stays revoked.
  const revocation = crl && findRevocation(crl, serial);
  if (revocation !== undefined) {
    throw new Fault("CERTIFICATE_REVOKED", "", { data: { ...data, reason: revocation.reason } });
  }
  const fault = staleness(crl, policy);
  if (fault === undefined) return "good";
  if (policy.withoutCrl === "flag") return "unknown";
  throw fault;
}
