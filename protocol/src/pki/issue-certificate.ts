import { der } from "../crypto/der.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import { algorithmOfSuite } from "./algorithms.ts";
import type { AltNames } from "./alt-names.ts";
import { explicitTag, integer, sequence, unsigned } from "./asn1-writer.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { type CertificateProfile, profileExtensions, purposesOf } from "./certificate-profile.ts";
import { encodeExtensions } from "./extension-list.ts";
import { makeName, type Name, namePart } from "./names.ts";
import {
  encodePublicKey,
  keyIdentifier,
  type SubjectPublicKey,
  subjectPublicKey,
} from "./public-key.ts";
import type { CertificateRole } from "./role-table.ts";
import { signObject } from "./signed-object.ts";
import { encodeTime } from "./times.ts";

const MIN_RANDOM_BYTES = 9;
const MAX_RANDOM_BYTES = 20;

/** Who a certificate is for. The role stands in the OU too, where people read it. */
export interface CertificateSubject {
  /** Two capital letters, ISO 3166. */
  readonly country?: string;
  readonly organisation: string;
  readonly commonName: string;
  /** Serial number of the device. */
  readonly deviceSerial?: string;
  readonly role?: CertificateRole;
  /** Further facts of the subject, for policies (guide §6.3.2). */
  readonly attributes?: ReadonlyMap<string, string>;
}

export interface CertificateFields {
  /** 9 to 20 random bytes, two bits of which are overwritten: at least 70 random bits remain. */
  readonly serialRandom: Uint8Array;
  readonly subject: CertificateSubject;
  /** 33 bytes, compressed. */
  readonly publicKey: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly profile: CertificateProfile;
  readonly altNames?: AltNames;
  /** Where the issuer publishes its CRL. */
  readonly crlUri?: string;
}

/** An authority at work: its certificate and its key. */
export interface CertificateIssuer {
  readonly suite: Suite;
  readonly signer: Signer;
  readonly certificate: Certificate;
}

function refuse(detail: string): never {
  throw new Fault("CERTIFICATE_FIELDS", detail);
}

/** Positive, never short: no leading zero byte, so the length is always the same. */
function serialDigits(random: Uint8Array): Uint8Array {
  if (random.length < MIN_RANDOM_BYTES || random.length > MAX_RANDOM_BYTES) {
    refuse(`a serial number is made from ${MIN_RANDOM_BYTES} to ${MAX_RANDOM_BYTES} random bytes`);
  }
  const digits = Uint8Array.from(random);
  digits[0] = ((digits[0] ?? 0) & 0x3f) | 0x40;
  return digits;
}

export function subjectName(subject: CertificateSubject): Name {
  const { country, organisation, role, commonName, deviceSerial } = subject;
  return makeName([
    ...(country === undefined ? [] : [["C", country] as const]),
    ["O", organisation],
    ...(role === undefined ? [] : [["OU", role] as const]),
    ["CN", commonName],
    ...(deviceSerial === undefined ? [] : [["serialNumber", deviceSerial] as const]),
  ]);
}

function checkFields(fields: CertificateFields): void {
  const { subject, profile, notBeforeMs, notAfterMs } = fields;
  if (!(notBeforeMs <= notAfterMs && notBeforeMs >= 0 && notAfterMs < Date.UTC(10000, 0))) {
    refuse("the validity ends before it begins");
  }
  if (subject.role === undefined && subject.attributes !== undefined) {
    refuse("attributes stand beside a role");
  }
  if (profile.kind === "authority" && subject.role !== undefined) {
    refuse("an authority has no role of its own");
  }
  if (profile.kind !== "authority" && profile.kind !== "tls" && subject.role === undefined) {
    refuse("a certificate of a person, a program or a device names its role");
  }
}

/** TBSCertificate, RFC 5280 §4.1.2: the same fields give the same bytes. */
function encodeSignedPart(
  fields: CertificateFields,
  key: SubjectPublicKey,
  issuer: { readonly name: Name; readonly keyId: Uint8Array },
): Uint8Array {
  const extensions = profileExtensions(fields, key, issuer.keyId);
  return sequence(
    der(explicitTag(0), integer(2)), // v3
    unsigned(serialDigits(fields.serialRandom)),
    key.algorithm.identifier,
    issuer.name.encoded,
    sequence(encodeTime(fields.notBeforeMs), encodeTime(fields.notAfterMs)),
    subjectName(fields.subject).encoded,
    encodePublicKey(key),
    der(explicitTag(3), encodeExtensions(extensions)),
  );
}

/**
 * The self-signed certificate of a consortium's root.
 * @throws Fault CERTIFICATE_FIELDS, KEY_INVALID, PKI_ALGORITHM
 */
export function issueRoot(suite: Suite, signer: Signer, fields: CertificateFields): Certificate {
  checkFields(fields);
  if (fields.profile.kind !== "authority") refuse("a root is an authority");
  if (!equalBytes(signer.publicKey, fields.publicKey)) refuse("a root signs with its own key");
  const key = subjectPublicKey(suite, fields.publicKey);
  const issuer = { name: subjectName(fields.subject), keyId: keyIdentifier(key) };
  return parseCertificate(signObject(suite, signer, encodeSignedPart(fields, key, issuer)));
}

function checkIssuer({ suite, signer, certificate }: CertificateIssuer): void {
  algorithmOfSuite(suite);
  const { isAuthority, key } = certificate;
  const isOwn = key.algorithm.suite.id === suite.id && equalBytes(key.publicKey, signer.publicKey);
  if (!isAuthority) refuse("the issuer's certificate is not an authority's");
  if (!isOwn) refuse("the signing key is not the one of the issuer's certificate");
}

/** What a verifier would refuse later is refused here, before it is signed. */
function checkBelow(issuer: Certificate, fields: CertificateFields): void {
  const { subject, profile, notBeforeMs, notAfterMs, publicKey } = fields;
  if (
    Math.floor(notBeforeMs / 1000) * 1000 < issuer.notBeforeMs ||
    notAfterMs >= issuer.notAfterMs + 1000
  ) {
    refuse("the validity is not within the issuer's");
  }
  if (equalBytes(publicKey, issuer.key.publicKey)) refuse("this is the issuer's own key");
  const [wanted, allowed] = [purposesOf(profile), issuer.extendedUsage];
  if (allowed && !(wanted.length > 0 && wanted.every((purpose) => allowed.includes(purpose)))) {
    refuse("the issuer may not let others do what this certificate is for");
  }
  if (profile.kind === "authority") {
    const limit = issuer.maxPathLength;
    if (limit !== undefined && (profile.maxPathLength ?? limit) >= limit) {
      refuse(`the issuer's path length of ${limit} leaves no room for this authority`);
    }
  } else if (subject.organisation !== namePart(issuer.subject, "O")) {
    refuse("an organisation's authority certifies its own members only");
  }
}

/**
 * A certificate below an authority: an organisation's issuing authority or an end entity.
 * @throws Fault CERTIFICATE_FIELDS, KEY_INVALID, PKI_ALGORITHM
 */
export function issueCertificate(
  issuer: CertificateIssuer,
  fields: CertificateFields,
): Certificate {
  checkIssuer(issuer);
  checkFields(fields);
  checkBelow(issuer.certificate, fields);
  const { suite, signer, certificate } = issuer;
  const key = subjectPublicKey(suite, fields.publicKey);
  const keyId = certificate.subjectKeyId ?? keyIdentifier(certificate.key);
  const signedPart = encodeSignedPart(fields, key, { name: certificate.subject, keyId });
  return parseCertificate(signObject(suite, signer, signedPart));
}
