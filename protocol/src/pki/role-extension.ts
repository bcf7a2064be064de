import { Fault } from "../faults.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { sequence, tag, utf8 } from "./asn1-writer.ts";
import { isPlainText } from "./names.ts";
import { type CertificateRole, isCertificateRole } from "./role-table.ts";

const MAX_ATTRIBUTES = 16;
const MAX_VALUE_CHARACTERS = 128;

/** Role and attributes of the subject (guide §6.3.2); attributes sorted by name, each name once. */
export interface SubjectRole {
  readonly role: CertificateRole;
  readonly attributes: ReadonlyMap<string, string>;
}

const isAttributeName = (name: string) => /^[a-z][a-z0-9.-]{0,31}$/.test(name);
const isAttributeValue = (value: string) =>
  isPlainText(value) && [...value].length <= MAX_VALUE_CHARACTERS;

/**
 * The value of the private extension `oid.role`, never critical, so that OpenSSL and Node's TLS read
 * the certificate too:
 *
 *     SubjectRole ::= SEQUENCE { role UTF8String, attributes SEQUENCE SIZE (0..16) OF Attribute }
 *     Attribute   ::= SEQUENCE { name UTF8String, value UTF8String }  -- ascending by name
 *
 * @throws Fault CERTIFICATE_FIELDS
 */
export function encodeSubjectRole({ role, attributes }: SubjectRole): Uint8Array {
  const pairs = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  const isFit = pairs.every(([name, value]) => isAttributeName(name) && isAttributeValue(value));
  if (!isFit || pairs.length > MAX_ATTRIBUTES) {
    throw new Fault(
      "CERTIFICATE_FIELDS",
      `at most ${MAX_ATTRIBUTES} attributes, names of a–z 0–9 . -, values of 1 to ${MAX_VALUE_CHARACTERS} characters`,
    );
  }
  const encoded = pairs.map(([name, value]) => sequence(utf8(name), utf8(value)));
  return sequence(utf8(role), sequence(...encoded));
}

function readText(reader: Asn1Reader): string {
  const content = reader.take(tag.utf8String);
  const text = Buffer.from(content).toString("utf8");
  if (Buffer.compare(Buffer.from(text), content) !== 0) throw malformed("not UTF-8");
  return text;
}

function readAttribute(reader: Asn1Reader, after: string): [string, string] {
  const pair = reader.nested();
  const [name, value] = [readText(pair), readText(pair)];
  pair.end();
  if (!(isAttributeName(name) && isAttributeValue(value)) || name <= after) {
    throw malformed("not an attribute of a subject, or out of order");
  }
  return [name, value];
}

/** @throws Fault PKI_MALFORMED, CERTIFICATE_ROLE for a role that is not in the table */
export function readSubjectRole(value: Uint8Array): SubjectRole {
  const outer = new Asn1Reader(value);
  const reader = outer.nested();
  outer.end();
  const role = readText(reader);
  const list = reader.nested();
  reader.end();
  if (!isCertificateRole(role)) throw new Fault("CERTIFICATE_ROLE", "the role is not known here");
  const attributes = new Map<string, string>();
  let last = "";
  while (!list.isAtEnd && attributes.size < MAX_ATTRIBUTES) {
    const [name, text] = readAttribute(list, last);
    attributes.set(name, text);
    last = name;
  }
  list.end();
  return { role, attributes };
}
