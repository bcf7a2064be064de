import { addressOf } from "@gridledger/protocol/contracts/address";
import { type Deployment, decodeDeployment } from "@gridledger/protocol/contracts/deployment";
import type { ContractResult } from "@gridledger/protocol/contracts/receipt";
import { DEPLOYERS } from "@gridledger/protocol/contracts/sender-roles";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { StateView } from "../state/state-view.ts";
import type {
  BlockPlace,
  ContractOperation,
  Sender,
  TransactionKind,
} from "../state/transaction-kind.ts";
import { checkGasLimit, decoded } from "./contract-payload.ts";
import { machineOf } from "./machines.ts";

class DeploymentOperation implements ContractOperation {
  readonly #chain: Chain;
  readonly #initCode: Uint8Array;
  readonly gasLimit: number;

  constructor(chain: Chain, { initCode, gasLimit }: Deployment) {
    this.#chain = chain;
    this.#initCode = initCode;
    this.gasLimit = gasLimit;
  }

  check(): undefined {
    return undefined;
  }

  run(state: StateView, sender: Sender, at: BlockPlace): ContractResult {
    const from = addressOf(this.#chain.suite.hash, sender.identity.publicKey);
    const message = { from, to: undefined, data: this.#initCode, gasLimit: this.gasLimit };
    return machineOf(this.#chain).run(state, { message, sender, at });
  }
}

export const deployment: TransactionKind = {
  number: kind.deployment,
  senderRoles: DEPLOYERS,
  read(chain, payload) {
    const deployed = decoded(() => decodeDeployment(payload));
    const { initCode, gasLimit } = deployed;
    checkGasLimit(chain, { to: undefined, data: initCode, gasLimit });
    return new DeploymentOperation(chain, deployed);
  },
};
