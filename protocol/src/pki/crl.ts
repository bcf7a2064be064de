import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { explicitTag, tag } from "./asn1-writer.ts";
import { type Certificate, readSerial } from "./certificate.ts";
import { type CrlReason, readCrlReason } from "./crl-reasons.ts";
import { ExtensionList } from "./extension-list.ts";
import { readAuthorityKeyId } from "./key-id.ts";
import { isSameName, type Name, readName } from "./names.ts";
import { oid } from "./oids.ts";
import { checkSameIdentifier, isSignedBy, readSigned, type SignedObject } from "./signed-object.ts";
import { readTime } from "./times.ts";

/** About 80,000 revoked certificates. */
export const MAX_CRL_BYTES = 4 * 1024 * 1024;
const MAX_NUMBER_BYTES = 20; // RFC 5280 §5.2.3
const VERSION_2 = 1;

export interface Revocation {
  readonly revokedAtMs: number;
  readonly reason: CrlReason;
}

/** A parsed CRL v2 of one issuer. Nothing is verified: see `verifyCrl`. */
export interface Crl extends SignedObject {
  readonly issuer: Name;
  readonly authorityKeyId: Uint8Array | undefined;
  /** Grows with every CRL of the issuer (RFC 5280 §5.2.3). */
  readonly number: bigint;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  /** By serial number in hexadecimal, as `Certificate.serial`. */
  readonly revoked: ReadonlyMap<string, Revocation>;
}

const knownInEntry: ReadonlySet<string> = new Set([oid.crlReason]);
const known: ReadonlySet<string> = new Set([oid.crlNumber, oid.authorityKeyId]);
/** A CRL here covers its whole issuer: one that says it is a part clears nobody, critical or not. */
const partial = [oid.issuingDistributionPoint, oid.deltaCrlIndicator];

function readEntry(entry: Asn1Reader): [string, Revocation] {
  const serial = readSerial(entry);
  const revokedAtMs = readTime(entry);
  const extensions = entry.isAtEnd ? undefined : new ExtensionList(entry);
  entry.end();
  extensions?.checkCritical(knownInEntry);
  const reason = extensions?.read(oid.crlReason, readCrlReason) ?? "unspecified";
  return [serial, { revokedAtMs, reason }];
}

function readEntries(tbs: Asn1Reader): Map<string, Revocation> {
  const revoked = new Map<string, Revocation>();
  if (tbs.peek() !== tag.sequence) return revoked;
  const list = tbs.nested();
  if (list.isAtEnd) throw malformed("an empty list is left out"); // RFC 5280 §5.1.2.6
  while (!list.isAtEnd) {
    const [serial, revocation] = readEntry(list.nested());
    if (revoked.has(serial)) throw malformed("a serial number stands there twice");
    revoked.set(serial, revocation);
  }
  return revoked;
}

function readNumber(value: Uint8Array): bigint {
  const reader = new Asn1Reader(value);
  const digits = reader.unsigned(MAX_NUMBER_BYTES);
  reader.end();
  return BigInt(`0x${Buffer.from(digits).toString("hex")}`);
}

/**
 * CertificateList, RFC 5280 §5.1.
 * @throws Fault PKI_LIMIT, PKI_MALFORMED, PKI_ALGORITHM, CERTIFICATE_EXTENSION
 */
export function parseCrl(encoded: Uint8Array): Crl {
  const signed = readSigned(encoded, MAX_CRL_BYTES);
  const tbs = new Asn1Reader(signed.signedPart).nested();
  if (tbs.smallNumber() !== VERSION_2) throw malformed("not a CRL of version 2");
  checkSameIdentifier(tbs.element(), signed);
  const issuer = readName(tbs);
  const [thisUpdateMs, nextUpdateMs] = [readTime(tbs), readTime(tbs)]; // both: RFC 5280 §5.1.2.5
  const revoked = readEntries(tbs);
  const wrapper = tbs.nested(explicitTag(0));
  tbs.end();
  const extensions = new ExtensionList(wrapper);
  wrapper.end();
  extensions.checkCritical(known);
  if (partial.some((id) => extensions.has(id))) {
    throw new Fault("CERTIFICATE_EXTENSION", "a CRL of a part of what was revoked");
  }
  const number = extensions.read(oid.crlNumber, readNumber);
  if (number === undefined || nextUpdateMs < thisUpdateMs) {
    throw malformed("a CRL has a number and ends after it begins");
  }
  const authorityKeyId = extensions.read(oid.authorityKeyId, readAuthorityKeyId);
  return { ...signed, issuer, authorityKeyId, number, thisUpdateMs, nextUpdateMs, revoked };
}

/** True where name and key identifier of the CRL are this authority's. */
export function isCrlOf(crl: Crl, { subject, subjectKeyId }: Certificate): boolean {
  const { authorityKeyId } = crl;
  const isSameKey =
    authorityKeyId === undefined ||
    subjectKeyId === undefined ||
    equalBytes(authorityKeyId, subjectKeyId);
  return isSameKey && isSameName(crl.issuer, subject);
}

/** Whose signature on a CRL was found right: a large CRL is hashed once, not for every certificate. */
const signers = new WeakMap<Crl, Uint8Array>();

function isSignedByAuthority(crl: Crl, { key }: Certificate): boolean {
  const known = signers.get(crl);
  if (known !== undefined && equalBytes(known, key.publicKey)) return true;
  const isSigned = isSignedBy(crl, key.algorithm.suite, key.publicKey);
  if (isSigned) signers.set(crl, key.publicKey);
  return isSigned;
}

/** RFC 5280 §6.3.3 (f) (g). @throws Fault CERTIFICATE_USAGE, CERTIFICATE_ISSUER_UNKNOWN, SIGNATURE_INVALID */
export function verifyCrl(crl: Crl, issuer: Certificate): void {
  if (!isCrlOf(crl, issuer)) {
    throw new Fault("CERTIFICATE_ISSUER_UNKNOWN", "the CRL is another authority's");
  }
  if (!issuer.keyUsage.has("crlSigning")) {
    throw new Fault("CERTIFICATE_USAGE", "the authority may not sign CRLs");
  }
  if (!isSignedByAuthority(crl, issuer)) {
    throw new Fault("SIGNATURE_INVALID", "the CRL's signature does not verify");
  }
}

export function findRevocation(crl: Crl, serial: string): Revocation | undefined {
  return crl.revoked.get(serial);
}

/**
 * A CRL replaces another only with a larger number and no earlier time. `knownNumber` is the largest
 * number seen of this issuer, best from the chain, where nobody can take it back.
 * @throws Fault CRL_NUMBER
 */
export function checkCrlNumber(crl: Crl, knownNumber: bigint): void {
  if (crl.number <= knownNumber) {
    throw new Fault("CRL_NUMBER", `CRL ${crl.number} is not newer than ${knownNumber}`);
  }
}
