import { Fault } from "../faults.ts";

/**
 * The arc of Gridledger's own objects, PRIVATE: registered nowhere, it means something inside a
 * Gridledger consortium only. It is made from the UUID 6f05276d-9620-42eb-a974-6b84b1ed6058 by Microsoft's
 * recipe for arcs that need nobody's leave (oidgen). An arc under 2.25 (ITU-T X.667) would be shorter,
 * but Go's and some JavaScript X.509 code refuse or mangle numbers above 31 bits.
 *
 * Below it, never reused: `.1.1` role and attributes of the subject (`role-extension.ts`) · `.2.1`
 * extended usage: signs transactions and messages of the ledger.
 */
const PRIVATE_ARC = "1.2.840.113556.1.8000.2554.28421.10093.38432.17131.43380.7046321.15556696";

export const oid = {
  // public keys and signatures
  ecPublicKey: "1.2.840.10045.2.1", // RFC 5480 §2.1.1
  p256: "1.2.840.10045.3.1.7", // RFC 5480 §2.1.1.1
  ecdsaWithSha256: "1.2.840.10045.4.3.2", // RFC 5758 §3.2
  sm2Curve: "1.2.156.10197.1.301", // GM/T 0006
  sm2WithSm3: "1.2.156.10197.1.501", // GM/T 0006
  // extensions of certificates and CRLs, RFC 5280 §4.2.1, §5.2, §5.3
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  altNames: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  crlNumber: "2.5.29.20",
  crlReason: "2.5.29.21",
  deltaCrlIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
  nameConstraints: "2.5.29.30",
  crlDistributionPoints: "2.5.29.31",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  role: `${PRIVATE_ARC}.1.1`,
  // extended key usages, RFC 5280 §4.2.1.12
  anyExtendedUsage: "2.5.29.37.0",
  tlsServer: "1.3.6.1.5.5.7.3.1",
  tlsClient: "1.3.6.1.5.5.7.3.2",
  ledgerSigning: `${PRIVATE_ARC}.2.1`,
  // attributes of requests, RFC 2985 §5.4
  challengePassword: "1.2.840.113549.1.9.7",
  extensionRequest: "1.2.840.113549.1.9.14",
} as const;

const MAX_CONTENT_BYTES = 64;

function base128(arc: bigint): number[] {
  const bytes = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80);
  return bytes;
}

/** Those that were written once: the constants above, a few dozen. */
const encodings = new Map<string, Uint8Array>();

/** The content of an OBJECT IDENTIFIER, X.690 §8.19. Only this program's own are written. */
export function encodeOid(text: string): Uint8Array {
  const known = encodings.get(text) ?? encodeArcs(text);
  encodings.set(text, known);
  return known;
}

function encodeArcs(text: string): Uint8Array {
  const [first = 0n, second = 0n, ...arcs] = text.split(".").map(BigInt);
  return Buffer.from([first * 40n + second, ...arcs].flatMap(base128));
}

/** @throws Fault PKI_MALFORMED unless every arc is in its shortest form (X.690 §8.19.2) */
export function decodeOid(content: Uint8Array): string {
  const isWhole = content.length > 0 && (content.at(-1) ?? 0) < 0x80;
  if (!isWhole || content.length > MAX_CONTENT_BYTES) {
    throw new Fault("PKI_MALFORMED", "not an object identifier");
  }
  const arcs: bigint[] = [];
  let arc = 0n;
  let isStart = true;
  for (const byte of content) {
    if (isStart && byte === 0x80) throw new Fault("PKI_MALFORMED", "an arc starts with zero");
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    isStart = byte < 0x80;
    if (!isStart) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [joint = 0n, ...rest] = arcs;
  const first = joint < 80n ? joint / 40n : 2n;
  return [first, joint - first * 40n, ...rest].join(".");
}
