import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { verifySign1 } from "@gridledger/protocol/cose/sign1";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { suiteOfKey } from "@gridledger/protocol/ledger/identity-keys";
import { decodeKeyRotation } from "@gridledger/protocol/ledger/key-rotation";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { verifyProof } from "@gridledger/protocol/ledger/proof";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import {
  decodeObjectReceipt,
  type ObjectReceipt,
  verifyObjectReceipt,
} from "@gridledger/protocol/objects/object-receipt";
import type { Hub } from "../hub/connect.ts";

type Proof = RouteAnswer<"transactionProof">;

interface CheckedReceipt extends ObjectReceipt {
  /** Proves the hub's key from the genesis on; null where the genesis has it. */
  readonly keyProof: Proof | null;
}

interface HubKey {
  readonly suite: Suite;
  readonly publicKey: Uint8Array;
  readonly keyProof: Proof | null;
}

/**
 * The receipt of the very hub that the genesis names, by a key of now or of before: what the hub says of
 * its keys is believed as far as a rotation is proven. @throws Fault SIGNATURE_INVALID, PROOF_*
 */
export async function checkReceipt(
  asked: Pick<Hub, "call">,
  chain: Chain,
  receipt: string,
  root: string,
): Promise<CheckedReceipt> {
  const message = decodeObjectReceipt(Buffer.from(receipt, "base64url"));
  const { suite, chainId, genesis } = chain;
  const hub = genesis.identities.find(
    ({ role, publicKey }) =>
      role === "hub" && equalBytes(identityId(suite.hash, publicKey), message.keyId),
  );
  if (hub === undefined) throw new Fault("SIGNATURE_INVALID", "no hub of the genesis signed it");
  const isBy = (key: HubKey) => verifySign1(key.suite, key.publicKey, chainId, message);
  const first = { suite, publicKey: hub.publicKey, keyProof: null };
  const key = isBy(first) ? first : await rotatedKey(asked, chain, message.keyId, isBy);
  const said = verifyObjectReceipt(key.suite, key.publicKey, chainId, message);
  if (formatHex(said.root) === root) return { ...said, keyProof: key.keyProof };
  throw new Fault("SIGNATURE_INVALID", "the receipt is for another object");
}

async function rotatedKey(
  asked: Pick<Hub, "call">,
  chain: Chain,
  id: Uint8Array,
  isBy: (key: HubKey) => boolean,
): Promise<HubKey> {
  const { items } = await asked.call("identityKeys", { params: { identity: formatHex(id) } });
  for (const { suite: suiteId, publicKey: text, rotation } of items.toReversed()) {
    const publicKey = Buffer.from(text, "base64url");
    const suite = suiteOfKey(chain, { suiteId });
    if (rotation === null || !isBy({ suite, publicKey, keyProof: null })) continue;
    const keyProof = await asked.call("transactionProof", { params: { hash: rotation } });
    if (provesKey(chain, keyProof, id, publicKey)) return { suite, publicKey, keyProof };
  }
  throw new Fault("SIGNATURE_INVALID", "no key of the hub is proven to have signed it");
}

/** @throws Fault PROOF_*, SEAL_INVALID where the rotation is not final */
function provesKey(chain: Chain, proof: Proof, id: Uint8Array, publicKey: Uint8Array): boolean {
  const proven = verifyProof(chain, proof);
  if (proven.kind !== kind.keyRotation || !equalBytes(proven.sender, id)) return false;
  const encoded = Buffer.from(proof.transaction, "base64url");
  const rotation = decodeKeyRotation(decodeTransaction(chain.suite, encoded).payload);
  return equalBytes(rotation.identityId, id) && equalBytes(rotation.publicKey, publicKey);
}
