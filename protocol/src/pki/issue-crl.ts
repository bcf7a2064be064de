import { der } from "../crypto/der.ts";
import { Fault } from "../faults.ts";
import { equalBytes, parseHex } from "../hex.ts";
import { algorithmOfSuite } from "./algorithms.ts";
import { explicitTag, integer, sequence, unsigned } from "./asn1-writer.ts";
import { type Crl, parseCrl, type Revocation } from "./crl.ts";
import { encodeCrlReason } from "./crl-reasons.ts";
import { encodeExtensions } from "./extension-list.ts";
import type { CertificateIssuer } from "./issue-certificate.ts";
import { encodeAuthorityKeyId } from "./key-id.ts";
import { oid } from "./oids.ts";
import { keyIdentifier } from "./public-key.ts";
import { signObject } from "./signed-object.ts";
import { encodeTime } from "./times.ts";

export interface CrlFields {
  /** One more than the issuer's last. */
  readonly number: bigint;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  /** By serial number in hexadecimal, as `Certificate.serial`. */
  readonly revoked: ReadonlyMap<string, Revocation>;
}

/** RFC 5280 §5.3.1: the reason "unspecified" is left out. */
function encodeEntry(serial: string, { revokedAtMs, reason }: Revocation): Uint8Array {
  const extension = { oid: oid.crlReason, isCritical: false, value: encodeCrlReason(reason) };
  return sequence(
    unsigned(parseHex(serial)),
    encodeTime(revokedAtMs),
    ...(reason === "unspecified" ? [] : [encodeExtensions([extension])]),
  );
}

function encodeEntries(revoked: CrlFields["revoked"]): Uint8Array[] {
  if (revoked.size === 0) return [];
  const bySerial = [...revoked].sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = bySerial.map(([serial, revocation]) => encodeEntry(serial, revocation));
  return [sequence(Buffer.concat(entries))]; // too many to be arguments
}

/**
 * CRL v2 of everything an issuer has revoked, RFC 5280 §5.
 * @throws Fault CERTIFICATE_FIELDS, PKI_LIMIT with more than about 80,000 entries
 */
export function issueCrl(issuer: CertificateIssuer, fields: CrlFields): Crl {
  const { suite, signer, certificate } = issuer;
  const { number, thisUpdateMs, nextUpdateMs, revoked } = fields;
  if (!(number > 0n && thisUpdateMs < nextUpdateMs)) {
    throw new Fault("CERTIFICATE_FIELDS", "a CRL has a number above zero and ends after it begins");
  }
  const isOwn = equalBytes(certificate.key.publicKey, signer.publicKey);
  if (!(isOwn && certificate.keyUsage.has("crlSigning"))) {
    throw new Fault("CERTIFICATE_FIELDS", "the key is not one that signs this authority's CRLs");
  }
  const keyId = certificate.subjectKeyId ?? keyIdentifier(certificate.key);
  const extensions = [
    { oid: oid.authorityKeyId, isCritical: false, value: encodeAuthorityKeyId(keyId) },
    { oid: oid.crlNumber, isCritical: false, value: integer(number) },
  ];
  const tbs = sequence(
    integer(1), // v2
    algorithmOfSuite(suite).identifier,
    certificate.subject.encoded,
    encodeTime(thisUpdateMs),
    encodeTime(nextUpdateMs),
    ...encodeEntries(revoked),
    der(explicitTag(0), encodeExtensions(extensions)),
  );
  return parseCrl(signObject(suite, signer, tbs));
}
