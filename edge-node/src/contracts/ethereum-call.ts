import { accounts } from "@gridledger/protocol/contracts/account";
import { boundAccounts } from "@gridledger/protocol/contracts/account-binding";
import { evmChainId, formatAddress } from "@gridledger/protocol/contracts/address";
import { recoverAddress } from "@gridledger/protocol/contracts/ethereum-keys";
import {
  decodeCarried,
  decodeEthereumTransaction,
  type EthereumTransaction,
} from "@gridledger/protocol/contracts/ethereum-transaction";
import type { ContractResult } from "@gridledger/protocol/contracts/receipt";
import { CALLERS, DEPLOYERS } from "@gridledger/protocol/contracts/sender-roles";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { type Chain, takesSecp256k1 } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { checkStanding } from "@gridledger/protocol/ledger/standing";
import { identities } from "@gridledger/protocol/ledger/state";
import type { StateReader, StateView } from "../state/state-view.ts";
import type {
  BlockPlace,
  ContractOperation,
  RunPlace,
  Sender,
  TransactionKind,
} from "../state/transaction-kind.ts";
import { checkGasLimit, decoded } from "./contract-payload.ts";
import { machineOf } from "./machines.ts";

const NO_CODE = new Uint8Array(0);
/** The numbers alone link an account's run. */
const NO_HASH = new Uint8Array(32);

/** The next nonce of an account. */
export function nonceOf(state: StateReader, address: Uint8Array): number {
  return state.get(accounts, address)?.nonce ?? 0;
}

/** A transaction in its account's run: nonces are strict, so none happens twice. */
class NoncePlace implements RunPlace {
  readonly run: string;
  readonly owner: string;
  readonly sequence: number;
  readonly previousHash = NO_HASH;
  readonly payloadHash = NO_HASH;
  readonly #from: Uint8Array;
  readonly #hash: Uint8Array;

  constructor(from: Uint8Array, { nonce, hash }: EthereumTransaction) {
    this.#from = from;
    this.#hash = hash;
    this.run = formatAddress(from);
    this.owner = this.run;
    this.sequence = nonce;
  }

  standing(state: StateReader): { next: number; lastHash: Uint8Array } {
    return { next: nonceOf(state, this.#from), lastHash: NO_HASH };
  }

  isSame(other: RunPlace): boolean {
    return other instanceof NoncePlace && equalBytes(other.#hash, this.#hash);
  }

  missing(next: number): Fault {
    return new Fault("NONCE_AHEAD", `nonce too high: ${this.sequence}, the next is ${next}`);
  }

  stale(next = this.sequence + 1): Fault {
    return new Fault("NONCE_STALE", `nonce too low: ${this.sequence}, the next is ${next}`);
  }
}

/** Who an Ethereum account stands for, or why nothing is taken of it. */
function identityBehind(state: StateReader, address: Uint8Array): Sender | Fault {
  const bound = state.get(boundAccounts, address);
  const identity = bound && state.get(identities, bound.identityId);
  if (bound === undefined || identity === undefined || bound.isReleased) {
    return new Fault("ACCOUNT_UNBOUND", `${formatAddress(address)} is bound to no identity`);
  }
  return checkStanding(state, bound.identityId) ?? { id: bound.identityId, identity };
}

/** A raw transaction. Its own signature is its authority; who carries it only brought it. */
class EthereumOperation implements ContractOperation {
  readonly place: NoncePlace;
  readonly #chain: Chain;
  readonly #transaction: EthereumTransaction;
  readonly #from: Uint8Array;

  constructor(chain: Chain, transaction: EthereumTransaction, from: Uint8Array) {
    this.#chain = chain;
    this.#transaction = transaction;
    this.#from = from;
    this.place = new NoncePlace(from, transaction);
  }

  get gasLimit(): number {
    return this.#transaction.gasLimit;
  }

  get ethereumHash(): Uint8Array {
    return this.#transaction.hash;
  }

  check(state: StateReader): Fault | undefined {
    const broken = this.checkAhead(state);
    if (broken !== undefined) return broken;
    const next = nonceOf(state, this.#from);
    const { nonce } = this.#transaction;
    if (nonce < next) return this.place.stale(next);
    return nonce > next ? this.place.missing(next) : undefined;
  }

  checkAhead(state: StateReader): Fault | undefined {
    const sender = identityBehind(state, this.#from);
    if (sender instanceof Fault) return sender;
    const { role } = sender.identity;
    const allowed = this.#transaction.to === undefined ? DEPLOYERS : CALLERS;
    if (allowed.includes(role)) return undefined;
    return new Fault("SENDER_ROLE", `the account's identity is a ${role}`);
  }

  run(state: StateView, _carrier: Sender, at: BlockPlace): ContractResult {
    const sender = identityBehind(state, this.#from);
    if (sender instanceof Fault) throw sender;
    const { to, data, gasLimit, accessList, nonce } = this.#transaction;
    const message = { from: this.#from, to, data, gasLimit, accessList };
    const result = machineOf(this.#chain).run(state, { message, sender, at });
    // Whatever the machine made of it, this number is used.
    const account = { nonce: nonce + 1, codeHash: NO_CODE, identityId: sender.id };
    state.set(accounts, this.#from, account);
    return result;
  }
}

export const ethereum: TransactionKind = {
  number: kind.ethereum,
  senderRoles: CALLERS,
  read(chain, payload) {
    if (!takesSecp256k1(chain)) throw new Fault("ETHEREUM_REFUSED");
    const transaction = decodeEthereumTransaction(decoded(() => decodeCarried(payload)));
    const { chainId, value, signingHash, signature } = transaction;
    const ours = evmChainId(chain.chainId);
    if (chainId !== ours) {
      throw new Fault("ETHEREUM_CHAIN", `invalid chain id ${chainId}, this is ${ours}`);
    }
    if (value !== 0n) throw new Fault("ETHEREUM_VALUE");
    checkGasLimit(chain, transaction);
    return new EthereumOperation(chain, transaction, recoverAddress(signingHash, signature));
  },
};
