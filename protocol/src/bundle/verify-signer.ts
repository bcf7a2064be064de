import type { EvidenceBundle } from "../api/bundle-contract.ts";
import { identityId } from "../crypto/identity-id.ts";
import { Fault } from "../faults.ts";
import { equalBytes, formatHex } from "../hex.ts";
import { type CertificateRecord, decodeCertificateRecords } from "../ledger/certificate-record.ts";
import { decodeIdentity } from "../ledger/enrolment.ts";
import type { Chain } from "../ledger/genesis.ts";
import { kind } from "../ledger/kinds.ts";
import { verifyProof } from "../ledger/proof.ts";
import { identityRevoked } from "../ledger/standing.ts";
import { decodeTransaction } from "../ledger/transaction.ts";
import { parseSignedPart } from "../pki/certificate.ts";
import type { CrlReason } from "../pki/crl-reasons.ts";
import type { BundleWatch } from "./bundle-step.ts";
import { shaped } from "./shaped.ts";
import type { SignerStanding } from "./signer-standing.ts";
import { strictBytes } from "./strict-bytes.ts";
import { type FinalRecord, verifyStanding } from "./verify-standing.ts";

type SignerPart = EvidenceBundle["signer"];
type Proof = EvidenceBundle["subject"];

/** Where the evidence stands. */
interface Evidence {
  readonly height: number;
  readonly index: number;
}

/** @throws Fault PROOF_*, SEAL_INVALID, CHAIN_MISMATCH, IDENTITY_REVOKED */
export function verifySigner(
  chain: Chain,
  part: SignerPart,
  publicKey: Uint8Array,
  evidence: Evidence,
  watch?: BundleWatch,
): SignerStanding {
  const { height } = evidence;
  const entry = enrolled(chain, part.enrolment, publicKey);
  if (entry.sinceHeight > height) {
    throw new Fault("PROOF_INVALID", "the signer was enrolled after it signed");
  }
  const id = identityId(chain.suite.hash, publicKey);
  const some = { ...entry, certified: undefined, revoked: undefined, shownUpTo: undefined };
  watch?.({ step: "signer", signer: some });
  const records = recordsOf(chain, part.records, id);
  const own = records.filter(({ record }) => isAboutIdentity(record));
  const last = own.findLast((one) => isCertificate(one.record) && one.height <= height);
  const certified = certifiedBy(chain, part.certificate, last);
  watch?.({
    ...{ step: "certificate", signer: { ...some, certified } },
    fingerprint: certified?.fingerprint,
  });
  const then =
    part.standing && verifyStanding(chain, part.standing, { id, publicKey, records: own }, height);
  const recorded = own.find(({ record }) => record.action === "revoked");
  checkRevocation(id, recorded, then?.revoked, evidence);
  const revoked =
    then?.revoked ?? (recorded && { height: recorded.height, reason: recorded.record.reason });
  const shownUpTo = then && { height: then.height, timeMs: then.timeMs };
  const signer = { ...entry, certified, revoked, shownUpTo };
  watch?.({ step: "revocation", signer });
  return signer;
}

/** A revoked key proves nothing that stands behind its revocation (guide §6.1.3). */
function checkRevocation(
  id: Uint8Array,
  recorded: FinalRecord | undefined,
  shown: { readonly height: number; readonly reason: CrlReason } | undefined,
  { height, index }: Evidence,
): void {
  if (recorded !== undefined) {
    const { record, ...place } = recorded;
    const isBefore = place.height < height || (place.height === height && place.index < index);
    if (isBefore) throw identityRevoked(formatHex(id), { ...record, height: place.height });
  }
  if (shown !== undefined && shown.height < height) throw identityRevoked(formatHex(id), shown);
}

function isAboutIdentity({ action }: CertificateRecord): boolean {
  return action === "revoked" || action === "issued" || action === "renewed";
}

function isCertificate({ action }: CertificateRecord): boolean {
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

function recordsOf(chain: Chain, proofs: readonly Proof[], id: Uint8Array): FinalRecord[] {
  let last = { height: 0, index: -1 };
  return proofs.map((proof) => {
    const { payload, height } = provenPayload(chain, proof, kind.certificates);
    const { index } = proof;
    const isLater = height > last.height || (height === last.height && index > last.index);
    if (!isLater) throw new Fault("PROOF_SHAPE", "records must ascend");
    last = { height, index };
    const record = shaped(() => decodeCertificateRecords(payload)).find((one) =>
      equalBytes(one.identityId, id),
    );
    if (record === undefined) throw new Fault("PROOF_INVALID", "a record is of another identity");
    return { record, height, index };
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

function certifiedBy(
  { suite }: Chain,
  text: string | undefined,
  last: FinalRecord | undefined,
): SignerStanding["certified"] {
  if (last === undefined) {
    if (text === undefined) return undefined;
    throw new Fault("PROOF_INVALID", "no certificate is on record for the signer");
  }
  const { fingerprint } = last.record;
  const known = { height: last.height, fingerprint };
  if (text === undefined) return { ...known, isShown: false, content: undefined };
  const signedPart = strictBytes("certificate", text);
  if (!equalBytes(suite.hash(signedPart), fingerprint)) {
    throw new Fault("PROOF_INVALID", "the certificate is not the one on record for the signer");
  }
  return { ...known, isShown: true, content: shaped(() => parseSignedPart(signedPart)) };
}
