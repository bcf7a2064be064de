import type { Signer } from "@gridledger/protocol/crypto/suite";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction, VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import type { SealedBatch, SignedBatch } from "../spool/spool.ts";

/** Half the window: the height may be known late, and the chain may be slow. */
const VALID_BLOCKS = VALIDITY_WINDOW_BLOCKS / 2;
/** The payload names meter and sequence, so no two are equal. */
const NO_NONCE = new Uint8Array(0);

/** A transaction that carries the batch's payload as it was sealed, guide §4.4.1 b). */
export function signBatch(
  chain: Chain,
  signer: Signer,
  { meter, sequence, payload }: SealedBatch,
  chainHeight: number,
): SignedBatch {
  const validUntilHeight = chainHeight + VALID_BLOCKS;
  const body = { kind: kind.readings, validUntilHeight, nonce: NO_NONCE, payload };
  const encoded = signTransaction(chain.suite, signer, chain.chainId, body);
  return { meter, sequence, hash: leafHash(chain.suite.hash, encoded), validUntilHeight, encoded };
}
