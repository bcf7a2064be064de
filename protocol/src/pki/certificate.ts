import { Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { explicitTag } from "./asn1-writer.ts";
import { type CertificateExtensions, readCertificateExtensions } from "./certificate-extensions.ts";
import { ExtensionList } from "./extension-list.ts";
import { type Name, namePart, readName } from "./names.ts";
import { readPublicKey, type SubjectPublicKey } from "./public-key.ts";
import { checkSameIdentifier, readSigned, type SignedObject } from "./signed-object.ts";
import { readTime } from "./times.ts";

export const MAX_CERTIFICATE_BYTES = 8 * 1024;
const MAX_SERIAL_BYTES = 20; // RFC 5280 §4.1.2.2
const VERSION_3 = 2;

/** A parsed X.509 v3 certificate. Nothing is verified: see `chain.ts`. */
export interface Certificate extends SignedObject, CertificateExtensions {
  /** Lower-case hexadecimal without leading zero bytes; unique per issuer. */
  readonly serial: string;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBeforeMs: number;
  /** The last second in which it is valid. */
  readonly notAfterMs: number;
  readonly key: SubjectPublicKey;
}

/** @throws Fault PKI_MALFORMED for zero, as RFC 5280 §4.1.2.2 forbids it */
export function readSerial(reader: Asn1Reader): string {
  const digits = reader.unsigned(MAX_SERIAL_BYTES);
  if (digits.every((digit) => digit === 0)) throw malformed("a serial number of zero");
  return formatHex(digits);
}

function readValidity(reader: Asn1Reader): { notBeforeMs: number; notAfterMs: number } {
  const validity = reader.nested();
  const [notBeforeMs, notAfterMs] = [readTime(validity), readTime(validity)];
  validity.end();
  if (notAfterMs < notBeforeMs) throw malformed("it ends before it begins");
  return { notBeforeMs, notAfterMs };
}

/** The OU shows people the role; a certificate that shows one and carries another is a trap. */
function checkShownRole(subject: Name, { subjectRole }: CertificateExtensions): void {
  if (subjectRole !== undefined && namePart(subject, "OU") !== subjectRole.role) {
    throw new Fault("CERTIFICATE_ROLE", "the subject's OU shows another role than the extension");
  }
}

/** What the issuer has signed: all of a certificate but the signature. */
export type CertificateContent = Omit<Certificate, keyof SignedObject>;

/** TBSCertificate, RFC 5280 §4.1.2. Nothing says who signed it. @throws as `parseCertificate` */
export function parseSignedPart(signedPart: Uint8Array): CertificateContent & {
  /** AlgorithmIdentifier inside the signed part. */
  readonly innerIdentifier: Uint8Array;
} {
  const outer = new Asn1Reader(signedPart);
  const tbs = outer.nested();
  outer.end();
  const version = tbs.nested(explicitTag(0));
  if (version.smallNumber() !== VERSION_3) throw malformed("not an X.509 v3 certificate");
  version.end();
  const serial = readSerial(tbs);
  const innerIdentifier = tbs.element();
  const issuer = readName(tbs);
  const validity = readValidity(tbs);
  const subject = readName(tbs);
  const key = readPublicKey(tbs);
  // Unique identifiers [1] [2] are not used any more (RFC 5280 §4.1.2.8) and refused here.
  const wrapper = tbs.nested(explicitTag(3));
  tbs.end();
  const extensions = readCertificateExtensions(new ExtensionList(wrapper));
  wrapper.end();
  checkShownRole(subject, extensions);
  return { ...extensions, serial, issuer, ...validity, subject, key, innerIdentifier };
}

/**
 * @throws Fault PKI_LIMIT, PKI_MALFORMED, PKI_ALGORITHM, KEY_INVALID, CERTIFICATE_EXTENSION,
 *   CERTIFICATE_ROLE
 */
export function parseCertificate(encoded: Uint8Array): Certificate {
  const signed = readSigned(encoded, MAX_CERTIFICATE_BYTES);
  const { innerIdentifier, ...content } = parseSignedPart(signed.signedPart);
  checkSameIdentifier(innerIdentifier, signed);
  return { ...signed, ...content };
}

/**
 * 32 bytes that name a certificate: hash of its signed part. The signature stays out, since one that
 * is valid can be turned into another that is (see `algorithms.ts`).
 */
export function certificateFingerprint({ key, signedPart }: Certificate): Uint8Array {
  return key.algorithm.suite.hash(signedPart);
}
