import { der } from "../crypto/der.ts";
import { Fault } from "../faults.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { oidElement, sequence, setOf, tag } from "./asn1-writer.ts";

const MAX_PARTS = 12;
const MAX_CHARACTERS = 64; // ub-common-name and its like, RFC 5280 appendix A.1

/** Attribute types by their short name, RFC 4519 §2. Types not here are shown as their OID. */
const attributeOids = {
  C: "2.5.4.6",
  ST: "2.5.4.8",
  L: "2.5.4.7",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  CN: "2.5.4.3",
  serialNumber: "2.5.4.5",
  DC: "0.9.2342.19200300.100.1.25",
  emailAddress: "1.2.840.113549.1.9.1",
} as const;

export type NameType = keyof typeof attributeOids;

const shortNames = new Map<string, string>(
  Object.entries(attributeOids).map(([name, oid]) => [oid, name]),
);

export interface NamePart {
  /** A NameType or a dotted OID. */
  readonly type: string;
  readonly value: string;
}

/** A distinguished name (RFC 5280 §4.1.2.4). Two names are the same where their `encoded` is. */
export interface Name {
  readonly encoded: Uint8Array;
  readonly parts: readonly NamePart[];
}

/**
 * Text that shows what it is: nothing invisible, nothing that turns the line round, no edge spaces, and
 * composed letters (NFC), so that what looks the same is the same more often.
 */
export function isPlainText(text: string): boolean {
  return (
    text.length > 0 && text === text.normalize("NFC") && !/[\p{C}\p{Zl}\p{Zp}]|^\s|\s$/u.test(text)
  );
}

const isPrintable = (text: string) => /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);

/** C and serialNumber must be PrintableString (RFC 5280 appendix A.1), the others are UTF8String. */
function encodeValue(type: NameType, value: string): Uint8Array {
  if (type === "DC" || type === "emailAddress") return der(tag.ia5String, Buffer.from(value));
  const isShort = type === "C" || type === "serialNumber";
  return der(isShort ? tag.printableString : tag.utf8String, Buffer.from(value));
}

function checkPart(type: NameType, value: string): void {
  const isAscii = type === "C" || type === "serialNumber" || type === "DC";
  const fits =
    isPlainText(value) &&
    [...value].length <= MAX_CHARACTERS &&
    (!isAscii || isPrintable(value)) &&
    (type !== "C" || /^[A-Z]{2}$/.test(value));
  if (!fits) throw new Fault("CERTIFICATE_FIELDS", `"${value}" cannot stand in a name as ${type}`);
}

/** @throws Fault CERTIFICATE_FIELDS where a value cannot stand in a name */
export function makeName(parts: readonly (readonly [NameType, string])[]): Name {
  for (const [type, value] of parts) checkPart(type, value);
  const encoded = parts.map(([type, value]) =>
    setOf(sequence(oidElement(attributeOids[type]), encodeValue(type, value))),
  );
  return {
    encoded: sequence(...encoded),
    parts: parts.map(([type, value]) => ({ type, value })),
  };
}

function readText(reader: Asn1Reader): string {
  const kind = reader.peek() ?? 0;
  const content = reader.take(kind);
  const text = Buffer.from(content).toString("utf8");
  const isRead =
    kind === tag.utf8String ||
    (kind === tag.printableString && isPrintable(text)) ||
    (kind === tag.ia5String && content.every((byte) => byte < 0x80));
  const isExact = Buffer.compare(Buffer.from(text), content) === 0; // no broken UTF-8
  if (!(isRead && isExact && isPlainText(text)) || [...text].length > MAX_CHARACTERS) {
    throw malformed("a name holds a text that cannot be shown");
  }
  return text;
}

function readPart(reader: Asn1Reader): NamePart {
  const set = reader.nested(tag.set);
  const pair = set.nested();
  set.end(); // names of several values at one place are in nobody's profile
  const oid = pair.oid();
  const value = readText(pair);
  pair.end();
  return { type: shortNames.get(oid) ?? oid, value };
}

/** Reads a Name that is not empty. @throws Fault PKI_MALFORMED */
export function readName(reader: Asn1Reader): Name {
  const encoded = reader.element();
  const inner = new Asn1Reader(encoded).nested();
  const parts: NamePart[] = [];
  while (!inner.isAtEnd && parts.length < MAX_PARTS) parts.push(readPart(inner));
  inner.end();
  const single = parts.map(({ type }) => type).filter((type) => type !== "DC");
  // "Which organisation?" must have one answer.
  if (parts.length === 0 || new Set(single).size !== single.length) {
    throw malformed("a name is empty or holds a part twice");
  }
  return { encoded, parts };
}

export function namePart(name: Name, type: NameType): string | undefined {
  return name.parts.find((part) => part.type === type)?.value;
}

export function isSameName(a: Name, b: Name): boolean {
  return Buffer.compare(a.encoded, b.encoded) === 0;
}

/** The name as text, last part first (RFC 4514 §2). */
export function formatName(name: Name): string {
  return name.parts
    .map(({ type, value }) => `${type}=${value.replace(/^#|[\\",+;<>=]/g, "\\$&")}`)
    .reverse()
    .join(",");
}
