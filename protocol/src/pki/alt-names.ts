import { der } from "../crypto/der.ts";
import { Fault } from "../faults.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { explicitTag, implicitTag, sequence } from "./asn1-writer.ts";

const MAX_NAMES = 16;
const DNS = implicitTag(2);
const URI = implicitTag(6);
const IP = implicitTag(7);

/** Where TLS peers find the subject, RFC 5280 §4.2.1.6. */
export interface AltNames {
  readonly dns: readonly string[];
  /** IPv4 dotted, IPv6 in the form of RFC 5952. */
  readonly ip: readonly string[];
}

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const dnsPattern = new RegExp(`^(?=.{1,253}$)(?:\\*\\.)?${label}(?:\\.${label})*$`);

/** Canonical IPv6 text, or undefined: the URL parser knows RFC 4291 and RFC 5952. */
function canonicalIpv6(text: string): string | undefined {
  const url = `http://[${text}]`;
  return /^[0-9a-f:.]+$/i.test(text) && URL.canParse(url)
    ? new URL(url).hostname.slice(1, -1)
    : undefined;
}

function ipv6Bytes(text: string): Uint8Array | undefined {
  const [head = "", tail] = canonicalIpv6(text)?.split("::") ?? [];
  if (head === "" && tail === undefined) return undefined;
  const [before, after] = [head, tail ?? ""].map((part) => (part === "" ? [] : part.split(":")));
  const gap = Array<string>(8 - before!.length - after!.length).fill("0");
  const groups = [...before!, ...gap, ...after!];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

function ipBytes(text: string): Uint8Array {
  const parts = text.split(".");
  const isV4 = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && +part < 256);
  const bytes = isV4 ? Buffer.from(parts.map(Number)) : ipv6Bytes(text);
  if (bytes === undefined) throw new Fault("CERTIFICATE_FIELDS", `"${text}" is no IP address`);
  return bytes;
}

function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Buffer.from(bytes).toString("hex").match(/.{4}/g) ?? [];
  const text = canonicalIpv6(groups.join(":"));
  if (bytes.length !== 16 || text === undefined) throw malformed("not an IP address");
  return text;
}

/** @throws Fault CERTIFICATE_FIELDS */
export function encodeAltNames({ dns, ip }: AltNames): Uint8Array {
  const wrong = dns.find((name) => !dnsPattern.test(name));
  if (wrong !== undefined) throw new Fault("CERTIFICATE_FIELDS", `"${wrong}" is no host name`);
  const count = dns.length + ip.length;
  if (count === 0 || count > MAX_NAMES) {
    throw new Fault("CERTIFICATE_FIELDS", `1 to ${MAX_NAMES} host names and addresses`);
  }
  return sequence(
    ...dns.map((name) => der(DNS, Buffer.from(name))),
    ...ip.map((address) => der(IP, ipBytes(address))),
  );
}

/** Names of other kinds are read over. @throws Fault PKI_MALFORMED */
export function readAltNames(value: Uint8Array): AltNames {
  const outer = new Asn1Reader(value);
  const reader = outer.nested();
  outer.end();
  const names = { dns: [] as string[], ip: [] as string[] };
  for (let count = 0; !reader.isAtEnd && count < MAX_NAMES; count++) {
    const kind = reader.peek() ?? 0;
    const content = reader.take(kind);
    if (kind === DNS) names.dns.push(readHost(content));
    if (kind === IP) names.ip.push(formatIp(content));
  }
  reader.end();
  return names;
}

function readHost(content: Uint8Array): string {
  const name = Buffer.from(content).toString("latin1").toLowerCase();
  if (!dnsPattern.test(name)) throw malformed("not a host name");
  return name;
}

/** Where the CRL is published (RFC 5280 §4.2.1.13): one URI. @throws Fault CERTIFICATE_FIELDS */
export function encodeCrlUri(uri: string): Uint8Array {
  if (!/^https?:\/\/[!-~]{1,240}$/.test(uri) || !URL.canParse(uri)) {
    throw new Fault("CERTIFICATE_FIELDS", "the CRL's address is not an http or https URI");
  }
  const fullName = der(explicitTag(0), der(URI, Buffer.from(uri)));
  return sequence(sequence(der(explicitTag(0), fullName)));
}

/** The first URI of the first place; undefined where the place is described otherwise. */
export function readCrlUri(value: Uint8Array): string | undefined {
  const outer = new Asn1Reader(value);
  const first = outer.nested().nested();
  outer.end();
  if (first.peek() !== explicitTag(0)) return undefined;
  const place = first.nested(explicitTag(0));
  if (place.peek() !== explicitTag(0)) return undefined;
  const uri = place.nested(explicitTag(0)).optional(URI);
  const text = uri && Buffer.from(uri).toString("latin1");
  if (text !== undefined && !/^[!-~]{1,256}$/.test(text)) throw malformed("not a URI");
  return text;
}
