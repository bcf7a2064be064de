import { FULL_WEIGHT, NEW_WEIGHT } from "@gridledger/protocol/committee/term";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ChainIndex } from "../../index/chain-index.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: Pick<ChainIndex, "sets">;
}

export function committee({ chain, index }: Deps): Endpoint<"committee"> {
  return () => {
    const { committee: known } = index.sets;
    if (known === undefined) return { epoch: null, gateways: [] };
    const { term, parameters, roster, missed } = known;
    const gateways = roster.map(({ publicKey, name }) => {
      const isHis = (one: { readonly publicKey: Uint8Array }) =>
        equalBytes(one.publicKey, publicKey);
      return {
        id: formatHex(identityId(chain.suite.hash, publicKey)),
        name,
        isMember: term.members.some((member) => equalBytes(member, publicKey)),
        weight: term.weights.find(isHis)?.weight ?? NEW_WEIGHT,
        fullWeight: FULL_WEIGHT,
        missedTurns: missed.find(isHis)?.misses ?? 0,
      };
    });
    const { fromHeight } = term;
    const nextFromHeight = fromHeight + parameters.epochBlocks;
    return {
      epoch: { ...parameters, fromHeight, nextFromHeight },
      gateways: gateways.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })),
    };
  };
}
