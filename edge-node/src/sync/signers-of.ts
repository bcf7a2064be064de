import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import type { Validator } from "@gridledger/protocol/ledger/validators";

/** Identity ids, in hex, of those who signed a seal: they hold the block. */
export function signersOf(hash: Hash, validators: readonly Validator[], seal: Seal): string[] {
  const ids: string[] = [];
  for (const { signer } of seal.signatures) {
    const validator = validators[signer];
    if (validator !== undefined) ids.push(formatHex(identityId(hash, validator.publicKey)));
  }
  return ids;
}
