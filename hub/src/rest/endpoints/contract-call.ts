import { type Chain, gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import { logView } from "../../feed/log-view.ts";
import type { ContractIndex } from "../../index/contracts/contract-index.ts";
import { bytesOf, resultView } from "../contract-view.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: { readonly contracts: Pick<ContractIndex, "call"> };
}

/** Asks a validator what a call would come to; nothing is signed and nothing stays. */
export function contractCall({ chain, index }: Deps): Endpoint<"contractCall"> {
  return async ({ params, body }) => {
    const { receipt, height } = await index.contracts.call({
      to: bytesOf(params.address),
      from: body.from === undefined ? new Uint8Array(20) : bytesOf(body.from),
      data: bytesOf(body.data),
      gasLimit: body.gasLimit ?? gasPolicyOf(chain).maxTransactionGas,
    });
    const logs = receipt.logs.map((log, i) => logView({ ...log, height, index: i, txIndex: 0 }));
    return { ...resultView(receipt), height, logs };
  };
}
