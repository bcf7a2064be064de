import { accounts } from "@gridledger/protocol/contracts/account";
import { addressOf, formatAddress } from "@gridledger/protocol/contracts/address";
import { type ContractCall, decodeContractCall } from "@gridledger/protocol/contracts/call";
import type { ContractResult } from "@gridledger/protocol/contracts/receipt";
import { CALLERS } from "@gridledger/protocol/contracts/sender-roles";
import { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { StateReader, StateView } from "../state/state-view.ts";
import type {
  BlockPlace,
  ContractOperation,
  Sender,
  TransactionKind,
} from "../state/transaction-kind.ts";
import { checkGasLimit, decoded } from "./contract-payload.ts";
import { machineOf } from "./machines.ts";

class CallOperation implements ContractOperation {
  readonly #chain: Chain;
  readonly #call: ContractCall;

  constructor(chain: Chain, call: ContractCall) {
    this.#chain = chain;
    this.#call = call;
  }

  get gasLimit(): number {
    return this.#call.gasLimit;
  }

  check(state: StateReader): Fault | undefined {
    const { to } = this.#call;
    const account = state.get(accounts, to);
    if (account !== undefined && account.codeHash.length > 0) return undefined;
    return new Fault("CONTRACT_UNKNOWN", `there is no contract at ${formatAddress(to)}`);
  }

  run(state: StateView, sender: Sender, at: BlockPlace): ContractResult {
    const from = addressOf(this.#chain.suite.hash, sender.identity.publicKey);
    return machineOf(this.#chain).run(state, { message: { from, ...this.#call }, sender, at });
  }
}

export const contractCall: TransactionKind = {
  number: kind.contractCall,
  senderRoles: CALLERS,
  read(chain, payload) {
    const call = decoded(() => decodeContractCall(payload));
    checkGasLimit(chain, call);
    return new CallOperation(chain, call);
  },
};
