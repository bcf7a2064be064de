import {
  type AccountBinding,
  type BoundAccount,
  bindingText,
  boundAccounts,
  decodeAccountBinding,
  isBindingProof,
} from "@gridledger/protocol/contracts/account-binding";
import { formatAddress } from "@gridledger/protocol/contracts/address";
import { CALLERS } from "@gridledger/protocol/contracts/sender-roles";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { type Chain, takesSecp256k1 } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { StateReader, StateView } from "../state/state-view.ts";
import type { PlainOperation, Sender, TransactionKind } from "../state/transaction-kind.ts";
import { decoded } from "./contract-payload.ts";

/** An identity takes an Ethereum account as its own, or gives it up (ADR 027). */
class BindingOperation implements PlainOperation {
  readonly #chain: Chain;
  readonly #binding: AccountBinding;
  /** The proof is of one sender and one chain: it is verified once. */
  #isProven: boolean | undefined;

  constructor(chain: Chain, binding: AccountBinding) {
    this.#chain = chain;
    this.#binding = binding;
  }

  check(state: StateReader, { id }: Sender): Fault | undefined {
    const { address, proof } = this.#binding;
    const bound = state.get(boundAccounts, address);
    const isOwn = bound !== undefined && equalBytes(bound.identityId, id);
    return proof === undefined
      ? this.#checkRelease(bound, isOwn)
      : this.#checkBinding(bound, isOwn, id, proof);
  }

  write(state: StateView, { id }: Sender): void {
    const { address, proof } = this.#binding;
    state.set(boundAccounts, address, { identityId: id, isReleased: proof === undefined });
  }

  #checkRelease(bound: BoundAccount | undefined, isOwn: boolean): Fault | undefined {
    if (isOwn && bound?.isReleased === false) return undefined;
    const account = formatAddress(this.#binding.address);
    return new Fault("ACCOUNT_UNBOUND", `${account} is not bound to the sender`);
  }

  /** An account that was given up may come back to the same identity: its nonces went on. */
  #checkBinding(
    bound: BoundAccount | undefined,
    isOwn: boolean,
    id: Uint8Array,
    proof: Uint8Array,
  ): Fault | undefined {
    const { address } = this.#binding;
    if (bound !== undefined && !(isOwn && bound.isReleased)) {
      return new Fault("ACCOUNT_BOUND", `${formatAddress(address)} is bound already`);
    }
    const text = bindingText(this.#chain.chainId, id);
    this.#isProven ??= isBindingProof(text, address, proof);
    return this.#isProven ? undefined : new Fault("ACCOUNT_PROOF");
  }
}

export const accountBinding: TransactionKind = {
  number: kind.accountBinding,
  senderRoles: CALLERS,
  read(chain, payload) {
    if (!takesSecp256k1(chain)) throw new Fault("ETHEREUM_REFUSED");
    return new BindingOperation(
      chain,
      decoded(() => decodeAccountBinding(payload)),
    );
  },
};
