import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  decodeRecoveryRecord,
  type KeptRecord,
  type RecoveryRecord,
  type StepRecord,
} from "@gridledger/protocol/ledger/recovery-record";
import type { Transaction } from "@gridledger/protocol/ledger/transaction";

/** A signed step of a recovery. */
export interface Step<Signed extends RecoveryRecord> {
  readonly record: Signed;
  /** Identity id in hex. */
  readonly sender: string;
  readonly encoded: Uint8Array;
  readonly txHash: Uint8Array;
  readonly nonce: Uint8Array;
}

/** A transaction that keeps a key. @throws Fault CBOR_*, RECOVERY_CONTENT */
export function readKeep(transaction: Transaction): Step<KeptRecord> {
  const { record, ...step } = readStep(transaction);
  if (record.action !== "kept") throw new Fault("RECOVERY_CONTENT", `it says ${record.action}`);
  return { ...step, record };
}

/** A transaction of one step of a request. @throws Fault CBOR_*, RECOVERY_CONTENT */
export function readAction(
  transaction: Transaction,
  action: StepRecord["action"],
): Step<StepRecord> {
  const { record, ...step } = readStep(transaction);
  if (record.action !== action) throw new Fault("RECOVERY_CONTENT", `it says ${record.action}`);
  return { ...step, record };
}

/** @throws Fault RECOVERY_CONTENT unless the sender signed this content beside the record */
export function checkContent({ nonce }: Pick<Step<RecoveryRecord>, "nonce">, digest: Uint8Array) {
  if (!equalBytes(nonce, digest)) throw new Fault("RECOVERY_CONTENT");
}

function readStep(transaction: Transaction): Step<RecoveryRecord> {
  const { encoded, hash: txHash, nonce, sender, payload } = transaction;
  if (transaction.kind !== kind.recovery) {
    throw new Fault("RECOVERY_CONTENT", "it is no step of a recovery");
  }
  const record = decodeRecoveryRecord(payload);
  return { record, sender: formatHex(sender), encoded, txHash, nonce };
}
