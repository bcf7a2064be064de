import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ContractIndex } from "../../index/contracts/contract-index.ts";
import type { ValidatorSets } from "../../index/governance/validator-sets.ts";
import { bytesOf, hexOf, stateProofView } from "../contract-view.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: {
    readonly contracts: Pick<ContractIndex, "account">;
    readonly sets: Pick<ValidatorSets, "handoversTo">;
  };
}

/** A slot that was never written holds zero, and that is proven too. */
export function contractSlot({ chain, index }: Deps): Endpoint<"contractSlot"> {
  return async ({ params: { address, slot } }) => {
    const found = await index.contracts.account(bytesOf(address), bytesOf(slot));
    const value = Buffer.alloc(32);
    const word = found.proof.slot?.value ?? new Uint8Array(0);
    value.set(word, 32 - word.length);
    const context = { chain, handoversTo: (height: number) => index.sets.handoversTo(height) };
    return {
      value: hexOf(value),
      provenHeight: found.block.header.height,
      proof: stateProofView(context, found),
    };
  };
}
