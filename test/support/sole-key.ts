import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { SigningKey } from "../../hub/src/cli/signing/signing-key.ts";

/** The key of an identity that has one. */
export function soleKey({ suite }: Pick<Chain, "suite">, signer: Signer): SigningKey {
  const { publicKey: first } = signer;
  return { suite, signer, id: identityId(suite.hash, first), first };
}
