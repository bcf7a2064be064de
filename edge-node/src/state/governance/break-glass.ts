import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { hasKey } from "@gridledger/protocol/governance/actions/membership";
import { openProposals, scheduledChanges } from "@gridledger/protocol/governance/ballot-tables";
import {
  type BreakGlass,
  checkOrderHead,
  decodeBreakGlass,
  verifyBreakGlass,
} from "@gridledger/protocol/governance/break-glass";
import { membershipOf } from "@gridledger/protocol/governance/governance-state";
import { memberships, ONLY } from "@gridledger/protocol/governance/tables";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Identity } from "@gridledger/protocol/ledger/enrolment";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { identities } from "@gridledger/protocol/ledger/state";
import type { StateReader, StateView } from "../state-view.ts";
import type { BlockPlace, PlainOperation, Sender, TransactionKind } from "../transaction-kind.ts";

/** The order of the organisations, on record in the first block that the set it names has sealed. */
class BreakGlassOperation implements PlainOperation {
  readonly breakGlass: BreakGlass;
  readonly #chain: Chain;

  constructor(chain: Chain, document: BreakGlass) {
    this.#chain = chain;
    this.breakGlass = document;
  }

  check(state: StateReader, _: Sender, at: BlockPlace): Fault | undefined {
    const { height, parentHash, ordered: sealing } = at;
    const { validators, height: ordered } = this.breakGlass.order;
    const head = { height: height - 1, hash: parentHash };
    const fault = checkOrderHead(this.breakGlass, head);
    if (fault !== undefined) return fault;
    // The old set has no business with it: what it still seals, it seals by votes.
    if (sealing === undefined || !equalBytes(sealing.encodedOrder, this.breakGlass.encodedOrder)) {
      return new Fault("BREAK_GLASS_HEAD", "another set than the ordered one seals this block");
    }
    const { changedAtHeight, validators: now } = membershipOf(this.#chain, state);
    const isDone = changedAtHeight === ordered && now.length === validators.length;
    if (isDone && validators.every(({ publicKey }) => hasKey(now, publicKey))) {
      return new Fault("BREAK_GLASS_LATE", "the order is in force already");
    }
    return validators.map(({ publicKey }) => this.#checkNode(state, publicKey)).find(Boolean);
  }

  write(state: StateView): void {
    const { validators, height } = this.breakGlass.order;
    for (const { publicKey } of membershipOf(this.#chain, state).validators) {
      this.#move(state, publicKey, "candidate");
    }
    for (const { publicKey, name } of validators) this.#move(state, publicKey, "validator", name);
    state.set(memberships, ONLY, { changedAtHeight: height, validators });
    // What the old set has begun or decided for later is void: others answer for the chain now.
    if (state.get(openProposals, ONLY) !== undefined) state.set(openProposals, ONLY, []);
    if (state.get(scheduledChanges, ONLY) !== undefined) state.set(scheduledChanges, ONLY, []);
  }

  #checkNode(state: StateReader, publicKey: Uint8Array): Fault | undefined {
    const role = state.get(identities, this.#idOf(publicKey))?.role;
    if (role === "validator" || role === "candidate") return undefined;
    const is = role === undefined ? "not enrolled" : `a ${role}`;
    return new Fault("BREAK_GLASS_INVALID", `${formatHex(this.#idOf(publicKey))} is ${is}`);
  }

  #move(state: StateView, publicKey: Uint8Array, role: Identity["role"], name?: string): void {
    const id = this.#idOf(publicKey);
    const known = state.get(identities, id);
    if (known === undefined) return;
    state.set(identities, id, { ...known, role, name: name ?? known.name });
  }

  #idOf(publicKey: Uint8Array): Uint8Array {
    return identityId(this.#chain.suite.hash, publicKey);
  }
}

export const breakGlass: TransactionKind = {
  number: kind.breakGlass,
  senderRoles: ["validator", "candidate", "organisation"],
  read(chain, payload) {
    const document = decodeBreakGlass(payload);
    verifyBreakGlass(chain, document);
    return new BreakGlassOperation(chain, document);
  },
};
