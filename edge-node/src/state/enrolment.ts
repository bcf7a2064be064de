import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeIdentity, type Identity } from "@gridledger/protocol/ledger/enrolment";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { identities } from "@gridledger/protocol/ledger/state";
import type { StateReader, StateView } from "./state-view.ts";
import type { PlainOperation, TransactionKind } from "./transaction-kind.ts";

/** A validator or a hub enters by governance, never by one operator's word. */
const ENROLLABLE: readonly Role[] = [
  ...(["device", "application", "operator", "candidate"] as const),
  ...(["administrator", "supervisor", "auditor", "custodian"] as const),
];

class EnrolmentOperation implements PlainOperation {
  readonly #identity: Identity;
  readonly #id: Uint8Array;

  constructor(identity: Identity, id: Uint8Array) {
    this.#identity = identity;
    this.#id = id;
  }

  check(state: StateReader): Fault | undefined {
    if (state.get(identities, this.#id) === undefined) return undefined;
    return new Fault("IDENTITY_EXISTS", `identity ${formatHex(this.#id)} is already enrolled`);
  }

  write(state: StateView): void {
    state.set(identities, this.#id, this.#identity);
  }
}

export const enrolment: TransactionKind = {
  number: kind.enrolment,
  senderRoles: ["operator"],
  read({ suite }, payload) {
    const identity = decodeIdentity(payload);
    if (!ENROLLABLE.includes(identity.role)) {
      throw new Fault("ENROLMENT_ROLE", `an enrolment cannot make a ${identity.role}`);
    }
    suite.checkPublicKey(identity.publicKey);
    return new EnrolmentOperation(identity, identityId(suite.hash, identity.publicKey));
  },
};
