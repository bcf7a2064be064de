import { identityId } from "../crypto/identity-id.ts";
import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import { decodeIdentity } from "./enrolment.ts";
import type { Chain } from "./genesis.ts";
import { firstKey, type IdentityKey, suiteOfKey } from "./identity-keys.ts";
import { decodeKeyRotation, verifyRotationProof } from "./key-rotation.ts";
import { kind } from "./kinds.ts";
import type { ReadPlaced } from "./proven-transaction.ts";
import { type Transaction, verifyTransaction } from "./transaction.ts";

/**
 * The key of an identity at a height, from the genesis or from transactions that are proven final: the
 * enrolment, then each rotation, signed by the key before it. Undefined where neither gives the first
 * key. A rotation that is left out makes the signature wrong, never another one right: the quorum has
 * checked it by the key of its height.
 *
 * @param records verified by `verifyPlaced`
 * @throws Fault PROOF_INVALID for a record that is not of this identity or does not follow
 */
export function provenKey(
  chain: Chain,
  identity: Uint8Array,
  height: number,
  records: readonly ReadPlaced[],
): IdentityKey | undefined {
  let key = genesisKey(chain, identity);
  for (const { transaction, header } of records) {
    if (transaction.kind === kind.enrolment && key === undefined) {
      key = enrolledKey(chain, identity, transaction, header.height);
      continue;
    }
    if (transaction.kind !== kind.keyRotation || key === undefined) {
      throw new Fault("PROOF_INVALID", "it proves no key of the sender");
    }
    key = rotatedKey(chain, identity, key, { transaction, height: header.height });
  }
  if (key !== undefined && key.fromHeight > height) {
    throw new Fault("PROOF_INVALID", `the key signs from block ${key.fromHeight} on`);
  }
  return key;
}

/** True when the sender's key of then signed it. */
export function isSignedByKey(chain: Chain, key: IdentityKey, transaction: Transaction): boolean {
  return verifyTransaction(suiteOfKey(chain, key), key.publicKey, chain.chainId, transaction);
}

function genesisKey(chain: Chain, identity: Uint8Array): IdentityKey | undefined {
  const { genesis, suite } = chain;
  const known = genesis.identities.find(({ publicKey }) =>
    equalBytes(identityId(suite.hash, publicKey), identity),
  );
  return known && firstKey(chain, known);
}

/** Who enrolled it is the quorum's business; the id is the key's hash and cannot be another's. */
function enrolledKey(
  chain: Chain,
  identity: Uint8Array,
  { payload }: Transaction,
  height: number,
): IdentityKey {
  const enrolled = decodeIdentity(payload);
  if (!equalBytes(identityId(chain.suite.hash, enrolled.publicKey), identity)) {
    throw new Fault("PROOF_INVALID", "the enrolment is another identity's");
  }
  return firstKey(chain, enrolled, height);
}

function rotatedKey(
  chain: Chain,
  identity: Uint8Array,
  before: IdentityKey,
  { transaction, height }: { readonly transaction: Transaction; readonly height: number },
): IdentityKey {
  const rotation = decodeKeyRotation(transaction.payload);
  const isNext =
    equalBytes(transaction.sender, identity) &&
    equalBytes(rotation.identityId, identity) &&
    rotation.epoch > before.epoch &&
    before.fromHeight <= height &&
    height < rotation.fromHeight;
  const isAgreed =
    isNext &&
    isSignedByKey(chain, before, transaction) &&
    verifyRotationProof(suiteOfKey(chain, rotation), chain.chainId, rotation);
  if (!isAgreed) throw new Fault("PROOF_INVALID", "a rotation does not follow the sender's key");
  return rotation;
}
