import type { Signer } from "@gridledger/protocol/crypto/suite";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction, VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";

/** An EVIDENCE message as this validator's transaction, for as long as one may be valid. */
export function signEvidence(
  { suite, chainId }: Chain,
  signer: Signer,
  headHeight: number,
  payload: Uint8Array,
): Uint8Array {
  const validUntilHeight = headHeight + VALIDITY_WINDOW_BLOCKS;
  const body = { kind: kind.evidence, validUntilHeight, nonce: new Uint8Array(0), payload };
  return signTransaction(suite, signer, chainId, body);
}
