import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { namePart } from "@gridledger/protocol/pki/names";
import { parsePem } from "@gridledger/protocol/pki/pem";
import { type CertificateRequest, verifyRequest } from "@gridledger/protocol/pki/request";

/** Who a request must be for. */
export interface ExpectedSubject {
  readonly organisation: string;
  readonly name: string;
  readonly role: string | null;
}

/** The request in a PEM text, its signature verified. @throws Fault PKI_*, KEY_INVALID, SIGNATURE_INVALID */
export function readRequestPem(text: string): CertificateRequest {
  const [encoded, ...more] = parsePem("CERTIFICATE REQUEST", text);
  if (encoded === undefined || more.length > 0) {
    throw new Fault("PKI_LIMIT", "one certificate request at a time");
  }
  return verifyRequest(encoded);
}

/**
 * Whether a request asks for what its sender may have. An organisation or role that it does not name is
 * taken from the invitation.
 *
 * @throws Fault PKI_ALGORITHM, REQUEST_AUTHORITY, REQUEST_SUBJECT, REQUEST_ROLE
 */
export function checkRequest(
  { key, subject, asksForAuthority, role }: CertificateRequest,
  suite: Suite,
  expected: ExpectedSubject,
): void {
  if (key.algorithm.suite.id !== suite.id) {
    throw new Fault("PKI_ALGORITHM", `this authority certifies keys of the suite ${suite.name}`);
  }
  if (asksForAuthority) throw new Fault("REQUEST_AUTHORITY");
  const organisation = namePart(subject, "O") ?? expected.organisation;
  if (namePart(subject, "CN") !== expected.name || organisation !== expected.organisation) {
    const { name } = expected;
    throw new Fault("REQUEST_SUBJECT", `it must be O=${expected.organisation}, CN=${name}`);
  }
  for (const asked of [role, namePart(subject, "OU")]) {
    if (asked !== undefined && asked !== expected.role) {
      throw new Fault("REQUEST_ROLE", `it asks for ${asked}, it may be ${expected.role ?? "none"}`);
    }
  }
}

/** @throws Fault REQUEST_KEY */
export function checkSeparateKeys(a: CertificateRequest, b: CertificateRequest): void {
  if (equalBytes(a.key.publicKey, b.key.publicKey)) {
    throw new Fault("REQUEST_KEY", "signing and encryption need a key each");
  }
}
