import { decodeSign1, type Sign1, verifySign1 } from "@gridledger/protocol/cose/sign1";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { keyAt, suiteOfKey } from "@gridledger/protocol/ledger/identity-keys";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { checkStanding } from "@gridledger/protocol/ledger/standing";
import { identities } from "@gridledger/protocol/ledger/state";
import { agreedBytes } from "@gridledger/protocol/metering/correction";
import type { StateReader } from "./state-view.ts";

/** Who may be the other pair of eyes, beside the meter's own device. */
const AGREEING: readonly Role[] = ["operator", "organisation"];

interface AgreedPlace {
  readonly height: number;
  readonly ownerId: Uint8Array;
  readonly senderId: Uint8Array;
  readonly contentHash: Uint8Array;
}

/** Why the agreement does not count. */
export function checkAgreement(
  chain: Chain,
  state: StateReader,
  agreement: Uint8Array,
  { height, ownerId, senderId, contentHash }: AgreedPlace,
): Fault | undefined {
  const sign1 = readAgreement(agreement);
  if (sign1 instanceof Fault) return sign1;
  const { keyId } = sign1;
  const identity = state.get(identities, keyId);
  if (identity === undefined || equalBytes(keyId, senderId)) {
    return new Fault("CORRECTION_RIGHT", `${formatHex(keyId)} is nobody else`);
  }
  if (!AGREEING.includes(identity.role) && !equalBytes(keyId, ownerId)) {
    return new Fault("CORRECTION_RIGHT", `${identity.role} may not agree`);
  }
  const revoked = checkStanding(state, keyId);
  if (revoked !== undefined) return revoked;
  const key = keyAt(chain, identity, height);
  const isSigned =
    equalBytes(sign1.payload, agreedBytes(contentHash)) &&
    verifySign1(suiteOfKey(chain, key), key.publicKey, chain.chainId, sign1);
  return isSigned ? undefined : new Fault("CORRECTION_RIGHT", "the agreement is to something else");
}

function readAgreement(agreement: Uint8Array): Sign1 | Fault {
  try {
    return decodeSign1(agreement, agreement.length);
  } catch (thrown) {
    return new Fault("CORRECTION_RIGHT", "the agreement is no signature", { cause: thrown });
  }
}
