import type { EvidenceBundle } from "../api/bundle-contract.ts";
import { identityId } from "../crypto/identity-id.ts";
import { asFault, Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import { type CertificateRecord, decodeCertificateRecords } from "../ledger/certificate-record.ts";
import { decodeIdentity, type Identity } from "../ledger/enrolment.ts";
import type { Chain } from "../ledger/genesis.ts";
import { kind } from "../ledger/kinds.ts";
import { verifyProof } from "../ledger/proof.ts";
import { decodeTransaction } from "../ledger/transaction.ts";
import { strictBytes } from "./strict-bytes.ts";

/** Who signed, and how the chain's records have it. */
export interface SignerStanding {
  /** As it was enrolled. */
  readonly identity: Identity;
  /** 0 when it stands in the genesis. */
  readonly sinceHeight: number;
  /** The certificate that was recorded for it at the time; undefined where none was. */
  readonly certified: { readonly height: number; readonly isShown: boolean } | undefined;
  /** Whether it was before or after the evidence; undefined where the bundle holds no such record. */
  readonly revoked: { readonly height: number; readonly reason: string } | undefined;
}

type SignerPart = EvidenceBundle["signer"];
type Proof = EvidenceBundle["subject"];

/** @throws Fault PROOF_*, SEAL_INVALID, CHAIN_MISMATCH */
export function verifySigner(
  chain: Chain,
  part: SignerPart,
  publicKey: Uint8Array,
  height: number,
): SignerStanding {
  const entry = enrolled(chain, part.enrolment, publicKey);
  if (entry.sinceHeight > height) {
    throw new Fault("PROOF_INVALID", "the signer was enrolled after it signed");
  }
  const records = recordsOf(chain, part.records, publicKey);
  const before = records.filter((one) => one.height <= height);
  const last = before.findLast(({ record }) => isOwn(record));
  checkCertificate(chain, part.certificate, last?.record);
  const revoked = records.find(({ record }) => record.action === "revoked");
  return {
    ...entry,
    certified: last && { height: last.height, isShown: part.certificate !== undefined },
    revoked: revoked && { height: revoked.height, reason: revoked.record.reason },
  };
}

function isOwn({ action }: CertificateRecord): boolean {
  return action === "issued" || action === "renewed";
}

function enrolled(
  chain: Chain,
  proof: Proof | undefined,
  publicKey: Uint8Array,
): Pick<SignerStanding, "identity" | "sinceHeight"> {
  if (proof === undefined) {
    const identity = chain.genesis.identities.find((one) => equalBytes(one.publicKey, publicKey));
    if (identity !== undefined) return { identity, sinceHeight: 0 };
    throw new Fault(
      "PROOF_INVALID",
      "the signer's key is not in the genesis: enrolment is missing",
    );
  }
  const { payload, height } = provenPayload(chain, proof, kind.enrolment);
  const identity = shaped(() => decodeIdentity(payload));
  if (equalBytes(identity.publicKey, publicKey)) return { identity, sinceHeight: height };
  throw new Fault("PROOF_INVALID", "the enrolment is of another key");
}

interface FinalRecord {
  readonly record: CertificateRecord;
  readonly height: number;
}

function recordsOf(
  chain: Chain,
  proofs: readonly Proof[],
  publicKey: Uint8Array,
): readonly FinalRecord[] {
  const id = identityId(chain.suite.hash, publicKey);
  let last = { height: 0, index: -1 };
  return proofs.map((proof) => {
    const { payload, height } = provenPayload(chain, proof, kind.certificates);
    const isLater = height > last.height || (height === last.height && proof.index > last.index);
    if (!isLater) throw new Fault("PROOF_SHAPE", "records must ascend");
    last = { height, index: proof.index };
    const record = shaped(() => decodeCertificateRecords(payload)).find((one) =>
      equalBytes(one.identityId, id),
    );
    if (record === undefined) throw new Fault("PROOF_INVALID", "a record is of another identity");
    return { record, height };
  });
}

function provenPayload(chain: Chain, proof: Proof, expected: number) {
  const proven = verifyProof(chain, proof);
  if (proven.kind !== expected || proof.reading !== undefined) {
    throw new Fault("PROOF_INVALID", "a transaction of another kind stands in its place");
  }
  const encoded = strictBytes("transaction", proof.transaction);
  return { payload: decodeTransaction(chain.suite, encoded).payload, height: proven.height };
}

function checkCertificate(
  { suite }: Chain,
  text: string | undefined,
  record: CertificateRecord | undefined,
): void {
  if (text === undefined) return;
  const fingerprint = suite.hash(strictBytes("certificate", text));
  if (record !== undefined && equalBytes(fingerprint, record.fingerprint)) return;
  throw new Fault("PROOF_INVALID", "the certificate is not the one on record for the signer");
}

/** Bytes that do not decode are a bundle that is not well formed. */
function shaped<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (thrown) {
    const fault = asFault(thrown);
    throw new Fault("PROOF_SHAPE", fault.message, { cause: fault });
  }
}
