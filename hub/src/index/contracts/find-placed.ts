import type { PlacedContract } from "@gridledger/protocol/contracts/contract-set";
import { equalBytes } from "@gridledger/protocol/hex";
import { type Chain, contractSetOf } from "@gridledger/protocol/ledger/genesis";

/** The contract that the genesis has put at the address. */
export function findPlaced(chain: Chain, address: Uint8Array): PlacedContract | undefined {
  return contractSetOf(chain).placed.find((each) => equalBytes(each.address, address));
}
