import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import type { ChainBuilder } from "./chain-builder.ts";

/** A transaction of the identity, signed with whichever key. @param id of the identity, hex */
export function signedAs(
  { chain, height }: ChainBuilder,
  { suite, signer }: { readonly suite: Suite; readonly signer: Signer },
  id: string,
  kind: number,
  payload: Uint8Array,
): Uint8Array {
  const body = { kind, validUntilHeight: height + 100, nonce: new Uint8Array(0), payload };
  return signTransaction(suite, signer, chain.chainId, body, Buffer.from(id, "hex"));
}
