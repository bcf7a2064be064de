import { encodeCarried } from "@gridledger/protocol/contracts/ethereum-transaction";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction, VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import { bytesKey } from "../state/prepared-transaction.ts";

interface CarrierDeps {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly headHeight: () => number;
  /** @throws Fault of the pool */
  readonly submit: (encoded: Uint8Array) => void;
}

/** Brings raw Ethereum transactions in an envelope of its own, for half a window; gives their keys in the pool. */
export function carrier({
  chain: { suite, chainId },
  signer,
  headHeight,
  submit,
}: CarrierDeps): (raw: Uint8Array) => string {
  return (raw) => {
    const encoded = signTransaction(suite, signer, chainId, {
      kind: kind.ethereum,
      validUntilHeight: headHeight() + VALIDITY_WINDOW_BLOCKS / 2,
      nonce: new Uint8Array(0),
      payload: encodeCarried(raw),
    });
    submit(encoded);
    return bytesKey(leafHash(suite.hash, encoded));
  };
}
