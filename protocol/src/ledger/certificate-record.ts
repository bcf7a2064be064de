import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import { Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import { type CrlReason, crlReasonByNumber, crlReasonNumber } from "../pki/crl-reasons.ts";

export const MAX_CERTIFICATE_RECORDS = 64;
const HASH_BYTES = 32;

/** What happened to a certificate, on the wire. Numbers are never reused. */
const actions = {
  /** The identity's first signing certificate. */
  issued: 1,
  /** Another one takes its place. */
  renewed: 2,
  /** The identity is out: nothing that it signs is taken from here on. */
  revoked: 3,
  /** One certificate is void (an encryption or TLS certificate, a replaced one); the identity stands. */
  withdrawn: 4,
  /** An issuing authority is void, and with it all that it issued; `identityId` is its key's. */
  closed: 5,
} as const;

export type CertificateAction = keyof typeof actions;

const names = new Map<number, CertificateAction>(
  (Object.entries(actions) as [CertificateAction, number][]).map(([name, number]) => [
    number,
    name,
  ]),
);

/**
 * One certificate's change, guide §6.1.3: `[action, identityId, certificateKey, fingerprint, reason]`, with
 * `authorityKey` at the end where it is said.
 */
export interface CertificateRecord {
  readonly action: CertificateAction;
  /** Whose certificate it is: an identity of the channel. */
  readonly identityId: Uint8Array;
  /** `revocationKey` of the certificate: hash of issuer and serial number. */
  readonly certificateKey: Uint8Array;
  /** `certificateFingerprint` of the certificate. */
  readonly fingerprint: Uint8Array;
  /** "unspecified" unless it is revoked or withdrawn. */
  readonly reason: CrlReason;
  /** `revocationKey` of the certificate of who issued it; only where one is issued or renewed. */
  readonly authorityKey?: Uint8Array | undefined;
}

/** The payload: 1 to 64 records, each identity at most once. */
export function encodeCertificateRecords(records: readonly CertificateRecord[]): Uint8Array {
  const writer = new CborWriter(16 + records.length * 88).array(records.length);
  for (const record of records) {
    const { action, identityId, certificateKey, fingerprint, reason, authorityKey } = record;
    writer
      .array(authorityKey === undefined ? 5 : 6)
      .uint(actions[action])
      .bytes(identityId)
      .bytes(certificateKey);
    writer.bytes(fingerprint).uint(crlReasonNumber(reason));
    if (authorityKey !== undefined) writer.bytes(authorityKey);
  }
  return writer.finish();
}

function readRecord(reader: CborReader): CertificateRecord {
  const items = reader.array("certificate record", 6);
  const action = names.get(reader.uint("action"));
  const identityId = reader.fixedBytes("identityId", IDENTITY_ID_BYTES);
  const certificateKey = reader.fixedBytes("certificateKey", HASH_BYTES);
  const fingerprint = reader.fixedBytes("fingerprint", HASH_BYTES);
  const reason = crlReasonByNumber(reader.uint("reason"));
  if (action === undefined || reason === undefined) {
    throw new Fault("CBOR_SHAPE", "not an action or a reason of a certificate record");
  }
  const isEnd = action !== "issued" && action !== "renewed";
  if (!isEnd && reason !== "unspecified") {
    throw new Fault("CBOR_SHAPE", "only what ends a certificate has a reason");
  }
  const record = { action, identityId, certificateKey, fingerprint, reason };
  if (items === 5) return record;
  if (items !== 6 || isEnd) throw new Fault("CBOR_SHAPE", "not a certificate record");
  return { ...record, authorityKey: reader.fixedBytes("authorityKey", HASH_BYTES) };
}

/** @throws Fault CBOR_* */
export function decodeCertificateRecords(encoded: Uint8Array): readonly CertificateRecord[] {
  const reader = new CborReader(encoded);
  const records: CertificateRecord[] = [];
  const seen = new Set<string>();
  for (let left = reader.array("records", MAX_CERTIFICATE_RECORDS); left > 0; left--) {
    const record = readRecord(reader);
    seen.add(formatHex(record.identityId));
    records.push(record);
  }
  reader.end();
  if (records.length === 0 || seen.size < records.length) {
    throw new Fault("CBOR_SHAPE", "records name each identity once, and at least one");
  }
  return records;
}
