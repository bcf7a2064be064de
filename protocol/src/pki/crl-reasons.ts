import { der } from "../crypto/der.ts";
import { Asn1Reader, malformed } from "./asn1-reader.ts";
import { tag } from "./asn1-writer.ts";

/** CRLReason, RFC 5280 §5.3.1. 7 is not used; 8, removeFromCRL, stands in delta CRLs only. */
const reasons = {
  unspecified: 0,
  keyCompromise: 1,
  authorityCompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  /** Suspended: may be taken off the next CRL. */
  certificateHold: 6,
  privilegeWithdrawn: 9,
  attributeAuthorityCompromise: 10,
} as const;

export type CrlReason = keyof typeof reasons;

const names = new Map<number, CrlReason>(
  (Object.entries(reasons) as [CrlReason, number][]).map(([name, number]) => [number, name]),
);

/** The reason's number, which the chain writes too. */
export function crlReasonNumber(reason: CrlReason): number {
  return reasons[reason];
}

/** The reason with this number; undefined where there is none. */
export function crlReasonByNumber(number: number): CrlReason | undefined {
  return names.get(number);
}

export function encodeCrlReason(reason: CrlReason): Uint8Array {
  return der(tag.enumerated, Buffer.of(reasons[reason]));
}

/** @throws Fault PKI_MALFORMED */
export function readCrlReason(value: Uint8Array): CrlReason {
  const reader = new Asn1Reader(value);
  const content = reader.take(tag.enumerated);
  reader.end();
  const reason = content.length === 1 ? names.get(content[0] ?? -1) : undefined;
  if (reason === undefined) throw malformed("not a reason to revoke");
  return reason;
}
