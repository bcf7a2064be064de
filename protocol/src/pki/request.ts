import { der } from "../crypto/der.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { type AltNames, encodeAltNames, readAltNames } from "./alt-names.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { explicitTag, integer, oidElement, sequence, setOf, tag, utf8 } from "./asn1-writer.ts";
import { readBasicConstraints } from "./certificate-extensions.ts";
import { ExtensionList, encodeExtensions } from "./extension-list.ts";
import { type CertificateSubject, subjectName } from "./issue-certificate.ts";
import { readKeyUsage } from "./key-usage.ts";
import { isPlainText, type Name, readName } from "./names.ts";
import { oid } from "./oids.ts";
import {
  encodePublicKey,
  readPublicKey,
  type SubjectPublicKey,
  subjectPublicKey,
} from "./public-key.ts";
import { readSubjectRole } from "./role-extension.ts";
import type { CertificateRole } from "./role-table.ts";
import { isSignedBy, readSigned, type SignedObject, signObject } from "./signed-object.ts";

export const MAX_REQUEST_BYTES = 8 * 1024;
const MAX_ATTRIBUTES = 8;
const MAX_CHALLENGE_CHARACTERS = 64;
const ATTRIBUTES = explicitTag(0);

export interface RequestFields {
  /** What is asked for; the authority decides. `attributes` do not travel in a request. */
  readonly subject: CertificateSubject;
  /** One-time code of the enrolment. It stands there unencrypted: send the request over TLS only. */
  readonly challengePassword?: string;
  readonly altNames?: AltNames;
}

/** A certification request whose sender has shown to hold the private key. */
export interface CertificateRequest extends SignedObject {
  readonly subject: Name;
  readonly key: SubjectPublicKey;
  readonly challengePassword: string | undefined;
  /** Host names and addresses asked for. */
  readonly altNames: AltNames | undefined;
  /** It asks to sign certificates or CRLs, or to be an authority. */
  readonly asksForAuthority: boolean;
  /** The role it asks for in the extension; the OU may name one too. */
  readonly role: CertificateRole | undefined;
}

/** What the extensions of a request ask for. */
interface Wishes {
  readonly altNames?: AltNames | undefined;
  readonly asksForAuthority: boolean;
  readonly role?: CertificateRole | undefined;
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return sequence(oidElement(type), setOf(value));
}

function isChallenge(text: string): boolean {
  return isPlainText(text) && [...text].length <= MAX_CHALLENGE_CHARACTERS;
}

/**
 * PKCS#10, RFC 2986 §4, signed with the key it is about.
 * @throws Fault CERTIFICATE_FIELDS, PKI_ALGORITHM
 */
export function createRequest(suite: Suite, signer: Signer, fields: RequestFields): Uint8Array {
  const { subject, challengePassword, altNames } = fields;
  if (challengePassword !== undefined && !isChallenge(challengePassword)) {
    throw new Fault("CERTIFICATE_FIELDS", "a one-time code has 1 to 64 plain characters");
  }
  const wanted = altNames && [
    { oid: oid.altNames, isCritical: false, value: encodeAltNames(altNames) },
  ];
  const attributes = [
    ...(wanted ? [attribute(oid.extensionRequest, encodeExtensions(wanted))] : []),
    ...(challengePassword === undefined
      ? []
      : [attribute(oid.challengePassword, utf8(challengePassword))]), // RFC 2985 §5.4.1
  ].toSorted(Buffer.compare);
  const info = sequence(
    integer(0),
    subjectName(subject).encoded,
    encodePublicKey(subjectPublicKey(suite, signer.publicKey)),
    der(ATTRIBUTES, ...attributes),
  );
  return signObject(suite, signer, info);
}

function readChallenge(values: Asn1Reader): string {
  const kind = values.peek() === tag.printableString ? tag.printableString : tag.utf8String;
  const content = values.take(kind);
  const text = Buffer.from(content).toString("utf8");
  if (!isChallenge(text) || Buffer.compare(Buffer.from(text), content) !== 0) {
    throw malformed("the challenge password is not a plain text");
  }
  return text;
}

/** Attributes by type, each at most once and with one value. */
function readAttributes(list: Asn1Reader): Map<string, Asn1Reader> {
  const attributes = new Map<string, Asn1Reader>();
  while (!list.isAtEnd && attributes.size < MAX_ATTRIBUTES) {
    const item = list.nested();
    const type = item.oid();
    const values = item.nested(tag.set);
    item.end();
    if (attributes.has(type)) throw malformed("an attribute stands there twice");
    attributes.set(type, values);
  }
  list.end();
  return attributes;
}

function readOne<Value>(
  values: Asn1Reader | undefined,
  read: (values: Asn1Reader) => Value,
): Value | undefined {
  const value = values && read(values);
  values?.end();
  return value;
}

function readWishes(values: Asn1Reader): Wishes {
  const extensions = new ExtensionList(new Asn1Reader(values.element()));
  const usage = extensions.read(oid.keyUsage, readKeyUsage);
  const constraints = extensions.read(oid.basicConstraints, readBasicConstraints);
  return {
    altNames: extensions.read(oid.altNames, readAltNames),
    asksForAuthority:
      constraints?.isAuthority === true ||
      usage?.has("certificateSigning") === true ||
      usage?.has("crlSigning") === true,
    role: extensions.read(oid.role, readSubjectRole)?.role,
  };
}

/**
 * Reads a request and verifies that its sender holds the private key (RFC 2986 §4.2). Attributes and
 * extensions of other kinds are read over: the authority issues by profile, not by wish.
 * @throws Fault PKI_LIMIT, PKI_MALFORMED, PKI_ALGORITHM, KEY_INVALID, SIGNATURE_INVALID,
 *   CERTIFICATE_ROLE where it asks for a role that is not in the table
 */
export function verifyRequest(encoded: Uint8Array): CertificateRequest {
  const signed = readSigned(encoded, MAX_REQUEST_BYTES);
  const info = new Asn1Reader(signed.signedPart).nested();
  if (info.smallNumber() !== 0) throw malformed("not a request of version 1");
  const subject = readName(info);
  const key = readPublicKey(info);
  const attributes = readAttributes(info.nested(ATTRIBUTES));
  info.end();
  const challengePassword = readOne(attributes.get(oid.challengePassword), readChallenge);
  const wishes = readOne(attributes.get(oid.extensionRequest), readWishes);
  if (!isSignedBy(signed, key.algorithm.suite, key.publicKey)) {
    throw new Fault("SIGNATURE_INVALID", "the request is not signed with the key it is about");
  }
  const { altNames, asksForAuthority = false, role } = wishes ?? {};
  return { ...signed, subject, key, challengePassword, altNames, asksForAuthority, role };
}
