import { formatAddress } from "@gridledger/protocol/contracts/address";
import type { PlacedContract } from "@gridledger/protocol/contracts/contract-set";
import { IDENTITY_ID_BYTES } from "@gridledger/protocol/crypto/identity-id";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { catalogue } from "@gridledger/protocol/library/catalogue";

const NOBODY = formatHex(new Uint8Array(IDENTITY_ID_BYTES));

/** A contract of the genesis in the shape of those that were deployed: in block 0, by nobody. */
export function placedView(chain: Chain, { address, version }: PlacedContract) {
  const entry = catalogue.find((each) => equalBytes(each.address, address));
  return {
    address: formatAddress(address),
    height: 0,
    transaction: formatHex(chain.chainId),
    creator: { id: NOBODY, name: null },
    library: entry === undefined ? null : { name: entry.name, version },
  };
}
