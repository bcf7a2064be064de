import type { Signer } from "@gridledger/protocol/crypto/suite";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ChainParts } from "../chain/chain-parts.ts";
import type { EngineContext } from "../consensus/ports.ts";

/** What an engine of this node sees. */
export function engineContext(
  chain: Chain,
  signer: Signer,
  { proposals: blocks, branches }: ChainParts,
): EngineContext {
  const { suite, chainId } = chain;
  return { chain, suite, chainId, signer, blocks, branches };
}
