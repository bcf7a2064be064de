import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { verifyProof } from "@gridledger/protocol/ledger/proof";
import {
  decodeRecoveryRecord,
  type RecoveryRecord,
} from "@gridledger/protocol/ledger/recovery-record";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import type { Escrow } from "@gridledger/protocol/recovery/escrow";
import type { Custodian } from "@gridledger/protocol/recovery/recovery-plan";
import { depositDigest, termsDigest } from "@gridledger/protocol/recovery/step-content";

type Detail = RouteAnswer<"recoveryRequest">;

/** A request of which nothing is the hub's word alone. */
export interface ProvenRequest {
  readonly escrow: Escrow;
  readonly custodians: readonly Custodian[];
  /** Identity id in hex, as the chain has it. */
  readonly requester: string;
  /** The new key that shares are sealed to. */
  readonly recipientKey: Uint8Array;
}

/**
 * Checks what the hub says of a request with the proofs beside it. A hub that named a key of its own as the
 * requester's would otherwise get the shares.
 *
 * @throws Fault RECOVERY_CLOSED, RECOVERY_CONTENT, PROOF_*, SEAL_INVALID, CHAIN_MISMATCH
 */
export function proveRequest(chain: Chain, detail: Detail): ProvenRequest {
  const { hash } = chain.suite;
  if (detail.askedProof === null) throw new Fault("RECOVERY_CLOSED", "it is not final yet");
  const kept = provenStep(chain, detail.keptProof);
  const asked = provenStep(chain, detail.askedProof);
  if (kept.record.action !== "kept" || asked.record.action !== "asked") {
    throw new Fault("RECOVERY_CONTENT", "the proofs are of other steps");
  }
  const { publicKey, commitments, custodians } = kept.record;
  const box = Buffer.from(detail.escrow.box, "base64url");
  const sealedShares = detail.escrow.sealedShares.map((one) => Buffer.from(one, "base64url"));
  const keptDigest = depositDigest(hash, detail.label, { box, sealedShares });
  const isWhole =
    equalBytes(publicKey, asked.record.publicKey) &&
    formatHex(publicKey) === detail.publicKey &&
    equalBytes(kept.nonce, keptDigest) &&
    equalBytes(asked.nonce, termsDigest(hash, detail));
  if (!isWhole) throw new Fault("RECOVERY_CONTENT", "the hub says other than the chain");
  const escrow = { publicKey, commitments, box, sealedShares };
  const { recipientKey } = asked.record;
  return { escrow, custodians, requester: asked.sender, recipientKey };
}

function provenStep(chain: Chain, file: Detail["keptProof"]) {
  verifyProof(chain, file);
  const encoded = Buffer.from(file.transaction, "base64url");
  const { payload, nonce, sender } = decodeTransaction(chain.suite, encoded);
  const record: RecoveryRecord = decodeRecoveryRecord(payload);
  return { record, nonce, sender: formatHex(sender) };
}
