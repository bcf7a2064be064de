import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ContractIndex } from "../../index/contracts/contract-index.ts";
import { findPlaced } from "../../index/contracts/find-placed.ts";
import type { ValidatorSets } from "../../index/governance/validator-sets.ts";
import { bytesOf, hexOf, stateProofView } from "../contract-view.ts";
import type { Endpoint } from "../endpoint.ts";
import { placedView } from "../placed-contract.ts";
import type { FindName } from "../transaction-view.ts";
import { contractView } from "./contracts.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: {
    readonly contracts: Pick<ContractIndex, "queries" | "account">;
    readonly sets: Pick<ValidatorSets, "handoversTo">;
  };
  readonly findIdentity: FindName;
}

/** A contract as the newest state has it, proven to its block. */
export function contract({ chain, index, findIdentity }: Deps): Endpoint<"contract"> {
  return async ({ params }) => {
    const address = bytesOf(params.address);
    const placed = findPlaced(chain, address);
    const row = placed === undefined ? await index.contracts.queries.find(address) : undefined;
    const view = placed ? placedView(chain, placed) : row && contractView(row, findIdentity);
    if (view === undefined) throw new Fault("CONTRACT_UNKNOWN");
    const found = await index.contracts.account(address);
    const { account, code, storageRoot } = found.proof;
    if (account === undefined) throw new Fault("CONTRACT_UNKNOWN");
    const context = { chain, handoversTo: (height: number) => index.sets.handoversTo(height) };
    return {
      ...view,
      nonce: account.nonce,
      code: hexOf(code),
      codeHash: hexOf(account.codeHash),
      storageRoot: formatHex(storageRoot),
      provenHeight: found.block.header.height,
      proof: stateProofView(context, found),
    };
  };
}
