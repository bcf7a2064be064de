import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { type KeptKey, keptKeys } from "@gridledger/protocol/ledger/kept-keys";
import { keyHolders } from "@gridledger/protocol/ledger/key-tables";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  decodeRecoveryRecord,
  type KeptRecord,
  RECOVERY_ROLES,
  type StepRecord,
} from "@gridledger/protocol/ledger/recovery-record";
import { identities } from "@gridledger/protocol/ledger/state";
import { checkPlan, isApproved } from "@gridledger/protocol/recovery/recovery-plan";
import type { StateReader, StateView } from "./state-view.ts";
import type { BlockPlace, PlainOperation, Sender, TransactionKind } from "./transaction-kind.ts";

/** The owner has split its encryption key, guide §6.2.2. */
class KeepOperation implements PlainOperation {
  readonly #record: KeptRecord;
  /** The identity that would have this key as its own. */
  readonly #keyId: Uint8Array;

  constructor(record: KeptRecord, keyId: Uint8Array) {
    this.#record = record;
    this.#keyId = keyId;
  }

  check(state: StateReader, { id }: Sender): Fault | undefined {
    const { publicKey, commitments, custodians } = this.#record;
    // What an identity signs with is never kept, whatever its owner calls it.
    const isHeld = state.get(keyHolders, this.#keyId) !== undefined;
    if (isHeld || state.get(identities, this.#keyId) !== undefined) {
      return new Fault("RECOVERY_SIGNING_KEY");
    }
    if (state.get(keptKeys, publicKey) !== undefined) return new Fault("RECOVERY_REPEATED");
    const stranger = custodians.find((one) => state.get(identities, one.id) === undefined);
    if (stranger !== undefined) {
      return new Fault("RECOVERY_PLAN", `${formatHex(stranger.id)} is not enrolled`);
    }
    try {
      checkPlan({ threshold: commitments.length, custodians, ownerId: id });
      return undefined;
    } catch (thrown) {
      return asFault(thrown);
    }
  }

  write(state: StateView, { id: ownerId }: Sender): void {
    const { publicKey, commitments, custodians } = this.#record;
    state.set(keptKeys, publicKey, { ownerId, commitments, custodians, request: undefined });
  }
}

function placeOf({ custodians }: KeptKey, id: Uint8Array): number {
  return custodians.findIndex((one) => equalBytes(one.id, id)) + 1;
}

/** Why the sender may not ask for the key: it is neither the owner's nor an operator's to ask. */
function checkAsking(kept: KeptKey, { recipientKey }: StepRecord, sender: Sender) {
  const isOwner = equalBytes(kept.ownerId, sender.id);
  if (!isOwner && sender.identity.role !== "operator") return new Fault("RECOVERY_RIGHT");
  const { request } = kept;
  if (request === undefined || !equalBytes(request.recipientKey, recipientKey)) return undefined;
  return new Fault("RECOVERY_REPEATED");
}

function checkDecision(kept: KeptKey, record: StepRecord, { id }: Sender): Fault | undefined {
  const { request } = kept;
  if (request === undefined || !equalBytes(request.recipientKey, record.recipientKey)) {
    return new Fault("RECOVERY_UNKNOWN", "nobody asks for this key with that new key");
  }
  const isRequester = equalBytes(request.requesterId, id);
  if (record.action === "completed") {
    if (!isRequester) return new Fault("RECOVERY_RIGHT");
    const plan = { threshold: kept.commitments.length, custodians: kept.custodians };
    return isApproved(plan, request.approvals) ? undefined : new Fault("RECOVERY_TOO_FEW");
  }
  const place = placeOf(kept, id);
  // Requester ≠ approver, also where a custodian is an operator.
  if (place === 0 || isRequester) return new Fault("RECOVERY_RIGHT");
  return request.approvals.includes(place) ? new Fault("RECOVERY_REPEATED") : undefined;
}

/** Somebody asks, a custodian approves, the key is back. */
class StepOperation implements PlainOperation {
  readonly #record: StepRecord;

  constructor(record: StepRecord) {
    this.#record = record;
  }

  check(state: StateReader, sender: Sender): Fault | undefined {
    const kept = state.get(keptKeys, this.#record.publicKey);
    if (kept === undefined) return new Fault("RECOVERY_UNKNOWN");
    if (this.#record.action === "asked") return checkAsking(kept, this.#record, sender);
    return checkDecision(kept, this.#record, sender);
  }

  write(state: StateView, { id }: Sender, { height }: BlockPlace): void {
    const { action, publicKey, recipientKey } = this.#record;
    const kept = state.get(keptKeys, publicKey);
    if (kept === undefined) return;
    if (action === "asked") {
      const request = { requesterId: id, recipientKey, height, approvals: [] };
      state.set(keptKeys, publicKey, { ...kept, request });
    } else if (action === "completed") {
      state.set(keptKeys, publicKey, { ...kept, request: undefined });
    } else if (kept.request !== undefined) {
      const approvals = [...kept.request.approvals, placeOf(kept, id)];
      state.set(keptKeys, publicKey, { ...kept, request: { ...kept.request, approvals } });
    }
  }
}

export const keyRecovery: TransactionKind = {
  number: kind.recovery,
  senderRoles: RECOVERY_ROLES,
  read({ suite }, payload) {
    const record = decodeRecoveryRecord(payload);
    if (record.action !== "kept") return new StepOperation(record);
    return new KeepOperation(record, identityId(suite.hash, record.publicKey));
  },
};
