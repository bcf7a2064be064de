import { sealersAfter } from "@gridledger/protocol/committee/sealing-set";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  EVIDENCE_WINDOW_BLOCKS,
  type OffenceName,
  type OffencePlace,
  offence,
  offences,
} from "@gridledger/protocol/ledger/offences";
import { keysAt } from "@gridledger/protocol/ledger/past-sets";
import { validatorsHash } from "@gridledger/protocol/ledger/validators";
import {
  decodeEvidence,
  type Evidence,
  offenceOf,
  verifyEvidence,
} from "@gridledger/protocol/messages/evidence";
import type { StateReader, StateView } from "./state-view.ts";
import type { BlockPlace, PlainOperation, Sender, TransactionKind } from "./transaction-kind.ts";

/** Records what a validator signed and no honest one signs. Nobody is removed by it: that takes a vote. */
class EvidenceOperation implements PlainOperation {
  readonly #chain: Chain;
  readonly #evidence: Evidence;
  readonly #offence: OffenceName;
  /** What was found under the set of this hash. */
  #judged: { readonly by: string; readonly isProven: boolean } | undefined;

  constructor(chain: Chain, evidence: Evidence, offenceName: OffenceName) {
    this.#chain = chain;
    this.#evidence = evidence;
    this.#offence = offenceName;
  }

  check(state: StateReader, _sender: Sender, { height }: BlockPlace): Fault | undefined {
    const at = this.#evidence.height;
    // While a height is decided its offences are known already, and so is its set.
    if (at > height) return new Fault("EVIDENCE_PLACE", `height ${at}, next is ${height}`);
    if (at + EVIDENCE_WINDOW_BLOCKS < height) {
      return new Fault("EVIDENCE_OLD", `height ${at}, next is ${height}`);
    }
    const keys = this.#keys(state);
    if (keys === undefined) return new Fault("EVIDENCE_OLD", "the set of then is forgotten");
    const accused = keys[this.#evidence.validator];
    if (accused === undefined) {
      return new Fault("EVIDENCE_INVALID", `there was no validator ${this.#evidence.validator}`);
    }
    if (state.get(offences, this.#place(accused)) !== undefined) return new Fault("EVIDENCE_KNOWN");
    return this.#isProven(keys) ? undefined : new Fault("EVIDENCE_INVALID");
  }

  write(state: StateView, sender: Sender, { height }: BlockPlace): void {
    const accused = this.#keys(state)?.[this.#evidence.validator];
    if (accused === undefined) throw new Fault("EVIDENCE_INVALID");
    const record = { recordedAt: height, reporter: new Uint8Array(sender.id) };
    state.set(offences, this.#place(accused), record);
  }

  #keys(state: StateReader): readonly Uint8Array[] | undefined {
    return keysAt(state, sealersAfter(this.#chain, state), this.#evidence.height);
  }

  #place(accused: Uint8Array): OffencePlace {
    const { height } = this.#evidence;
    const validator = identityId(this.#chain.suite.hash, accused);
    return { validator, height, offence: offence[this.#offence] };
  }

  #isProven(keys: readonly Uint8Array[]): boolean {
    const { suite, chainId } = this.#chain;
    const validators = keys.map((publicKey) => ({ publicKey, name: "" }));
    const hash = validatorsHash(suite.hash, validators);
    const by = Buffer.from(hash).toString("latin1");
    if (this.#judged?.by !== by) {
      const place = { chainId, validatorsHash: hash, height: this.#evidence.height };
      this.#judged = { by, isProven: verifyEvidence(suite, keys, place, this.#evidence) };
    }
    return this.#judged.isProven;
  }
}

export const evidence: TransactionKind = {
  number: kind.evidence,
  senderRoles: ["validator"],
  read(chain, payload) {
    const read = decodeEvidence(payload);
    const name = offenceOf(read);
    if (name === undefined) {
      throw new Fault("EVIDENCE_INVALID", "the two statements contradict nothing");
    }
    return new EvidenceOperation(chain, read, name);
  },
};
