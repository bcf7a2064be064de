import { asFault } from "@gridledger/protocol/faults";
import type { KeyRing, RingKey } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { signTransaction, type TransactionBody } from "@gridledger/protocol/ledger/transaction";

interface SubmitDeps<Outcome> {
  readonly chain: Chain;
  readonly keys: KeyRing;
  readonly headHeight: () => number;
  readonly submit: (encoded: Uint8Array, waitMs: number) => Promise<Outcome>;
}

/**
 * Signs with the key of the next height, and with the other where that one does not count: the head may
 * have passed a turn of keys meanwhile. @throws Fault what the validators say
 */
export async function submitSigned<Outcome>(
  { chain, keys, headHeight, submit }: SubmitDeps<Outcome>,
  body: TransactionBody,
  waitMs: number,
): Promise<Outcome> {
  const sign = ({ suite, signer }: RingKey) =>
    signTransaction(suite, signer("records"), chain.chainId, body, keys.id);
  const key = keys.at(headHeight() + 1);
  try {
    return await submit(sign(key), waitMs);
  } catch (thrown) {
    const { code } = asFault(thrown);
    if (code !== "KEY_EPOCH" && code !== "SIGNATURE_INVALID") throw thrown;
    keys.refuse(key.epoch);
    const other = keys.at(headHeight() + 1);
    if (other.epoch === key.epoch) throw thrown;
    return await submit(sign(other), waitMs);
  }
}
