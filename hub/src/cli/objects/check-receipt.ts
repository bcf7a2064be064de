import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import {
  decodeObjectReceipt,
  verifyObjectReceipt,
} from "@gridledger/protocol/objects/object-receipt";

/** The receipt of the very hub that the genesis names. @throws Fault SIGNATURE_INVALID */
export function checkReceipt(chain: Chain, receipt: string, root: string) {
  const message = decodeObjectReceipt(Buffer.from(receipt, "base64url"));
  const { suite, chainId, genesis } = chain;
  const hub = genesis.identities.find(
    ({ role, publicKey }) =>
      role === "hub" && equalBytes(identityId(suite.hash, publicKey), message.keyId),
  );
  if (hub === undefined) throw new Fault("SIGNATURE_INVALID", "no hub of the genesis signed it");
  const said = verifyObjectReceipt(suite, hub.publicKey, chainId, message);
  if (formatHex(said.root) === root) return said;
  throw new Fault("SIGNATURE_INVALID", "the receipt is for another object");
}
