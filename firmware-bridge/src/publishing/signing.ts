import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  decodeTransaction,
  signTransaction,
  VALIDITY_WINDOW_BLOCKS,
  verifyTransaction,
} from "@gridledger/protocol/ledger/transaction";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import type { SealedBatch, SignedBatch } from "../spool/spool.ts";

/** Half the window: the height may be known late, and the chain may be slow. */
const VALID_BLOCKS = VALIDITY_WINDOW_BLOCKS / 2;
/** The payload names meter and sequence, so no two are equal. */
const NO_NONCE = new Uint8Array(0);

/**
 * A transaction that carries the batch's payload as it was sealed, guide §4.4.1 b), signed with the key
 * of the next height. Around a turn of keys it is made again; the payload stays, so that the meter's
 * sequence lets only one of them in.
 */
export function signBatch(
  chain: Chain,
  keys: KeyRing,
  { meter, sequence, payload }: SealedBatch,
  chainHeight: number,
): SignedBatch {
  const validUntilHeight = chainHeight + VALID_BLOCKS;
  const body = { kind: kind.readings, validUntilHeight, nonce: NO_NONCE, payload };
  const key = keys.at(chainHeight + 1);
  const signer = key.signer("readings");
  const encoded = signTransaction(key.suite, signer, chain.chainId, body, keys.id);
  return { meter, sequence, hash: leafHash(chain.suite.hash, encoded), validUntilHeight, encoded };
}

/** Notes that the chain takes nothing now of the key that signed this. True where there is another. */
export function noteRefusedKey(chain: Chain, keys: KeyRing, encoded: Uint8Array): boolean {
  const transaction = decodeTransaction(chain.suite, encoded);
  const signing = keys.keys.find(({ suite, signer }) =>
    verifyTransaction(suite, signer("readings").publicKey, chain.chainId, transaction),
  );
  if (signing !== undefined) keys.refuse(signing.epoch);
  return keys.keys.length > 1;
}
