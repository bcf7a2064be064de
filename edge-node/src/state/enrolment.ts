import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeIdentity, type Identity } from "@gridledger/protocol/ledger/enrolment";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { firstKey, suiteOfKey } from "@gridledger/protocol/ledger/identity-keys";
import { keyHolders } from "@gridledger/protocol/ledger/key-tables";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { identities } from "@gridledger/protocol/ledger/state";
import type { StateReader, StateView } from "./state-view.ts";
import { checkSuiteActive } from "./suite-active.ts";
import type { BlockPlace, PlainOperation, Sender, TransactionKind } from "./transaction-kind.ts";

/** A validator or a hub enters by governance, never by one operator's word. */
const ENROLLABLE: readonly Role[] = [
  ...(["device", "application", "operator", "candidate"] as const),
  ...(["administrator", "supervisor", "auditor", "custodian"] as const),
];

class EnrolmentOperation implements PlainOperation {
  readonly #chain: Chain;
  readonly #identity: Identity;
  readonly #id: Uint8Array;

  constructor(chain: Chain, identity: Identity) {
    this.#chain = chain;
    this.#identity = identity;
    this.#id = identityId(chain.suite.hash, identity.publicKey);
  }

  check(state: StateReader, _: Sender, { height }: BlockPlace): Fault | undefined {
    const isHeld = state.get(keyHolders, this.#id) !== undefined;
    if (isHeld || state.get(identities, this.#id) !== undefined) {
      return new Fault("IDENTITY_EXISTS", `identity ${formatHex(this.#id)} is already enrolled`);
    }
    const { suiteId } = this.#identity;
    if (suiteId === undefined) return undefined;
    return checkSuiteActive(this.#chain, state, suiteId, height) ?? this.#checkKey();
  }

  write(state: StateView): void {
    state.set(identities, this.#id, this.#identity);
  }

  /** Of another suite, which every node has while it counts. */
  #checkKey(): Fault | undefined {
    const key = firstKey(this.#chain, this.#identity);
    try {
      suiteOfKey(this.#chain, key).checkPublicKey(key.publicKey);
      return undefined;
    } catch (thrown) {
      return asFault(thrown, "KEY_INVALID");
    }
  }
}

export const enrolment: TransactionKind = {
  number: kind.enrolment,
  senderRoles: ["operator"],
  read(chain, payload) {
    const identity = decodeIdentity(payload);
    const { role, publicKey, suiteId } = identity;
    if (!ENROLLABLE.includes(role)) {
      throw new Fault("ENROLMENT_ROLE", `an enrolment cannot make a ${role}`);
    }
    if (suiteId === chain.suite.id) {
      throw new Fault("CBOR_SHAPE", "the channel's own suite is not named");
    }
    // Votes and seals are the channel's suite's.
    if (suiteId !== undefined && role === "candidate") {
      throw new Fault("ENROLMENT_ROLE", "a candidate's key is of the channel's suite");
    }
    if (suiteId === undefined) chain.suite.checkPublicKey(publicKey);
    return new EnrolmentOperation(chain, identity);
  },
};
