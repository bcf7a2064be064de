import type { Opener, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import { type Custodian, checkPlan } from "./recovery-plan.ts";
import { combineShares, isShareOf, type Share, splitNewSecret } from "./secret-sharing.ts";

const BOX_LABEL = Buffer.from("gridledger recovery box v1");
const SHARE_LABEL = Buffer.from("gridledger recovery share v1");
const RELEASE_LABEL = Buffer.from("gridledger recovery release v1");

/** A custodian with the public key that its share is sealed to. */
export interface SharedCustodian extends Custodian {
  readonly sealingKey: Uint8Array;
}

/**
 * An encryption key kept for recovery (guide §6.2.2): the key under a key of its own, and that one's
 * shares, each sealed to one custodian. It holds no secret that fewer than `commitments.length` of them
 * could read.
 */
export interface Escrow {
  /** Of the key that is kept. */
  readonly publicKey: Uint8Array;
  /** As many as custodians are needed. */
  readonly commitments: readonly Uint8Array[];
  /** The key as PKCS#8, encrypted. */
  readonly box: Uint8Array;
  /** By the custodians' places, from 1. */
  readonly sealedShares: readonly Uint8Array[];
}

/** A share on its way to who recovers, sealed to the new key of that one. */
export interface ReleasedShare {
  readonly place: number;
  readonly sealed: Uint8Array;
}

interface EscrowPlan {
  /** How many custodians are needed. */
  readonly threshold: number;
  readonly custodians: readonly SharedCustodian[];
  /** Identity id of the key's owner. */
  readonly ownerId: Uint8Array;
}

/**
 * Splits an encryption key among custodians.
 *
 * @param purpose of the key, as its page or certificate says it
 * @throws Fault RECOVERY_SIGNING_KEY, RECOVERY_PLAN, KEY_INVALID
 */
export function escrowKey(
  suite: Suite,
  key: { readonly purpose: "signing" | "encryption"; readonly pkcs8: Uint8Array },
  plan: EscrowPlan,
): Escrow {
  if (key.purpose !== "encryption") throw new Fault("RECOVERY_SIGNING_KEY");
  checkPlan(plan);
  const { publicKey } = suite.opener(key.pkcs8);
  const { secret, commitments, shares } = splitNewSecret(plan.threshold, plan.custodians.length);
  const { cipher } = suite;
  const box = cipher.encrypt(...boxKey(suite, secret), key.pkcs8, publicKey);
  const sealedShares = plan.custodians.map(({ sealingKey }, index) => {
    const { place, value } = shares[index]!;
    return suite.seal(sealingKey, value, shareContext(publicKey, place));
  });
  return { publicKey, commitments, box, sealedShares };
}

/**
 * What a custodian does on its own device: opens its share, sees that it is right, and seals it to the
 * new key of who recovers.
 *
 * @throws Fault SEALED_INVALID, RECOVERY_SHARE, RECOVERY_UNKNOWN
 */
export function releaseShare(
  suite: Suite,
  escrow: Escrow,
  own: { readonly place: number; readonly opener: Opener },
  recipientKey: Uint8Array,
): ReleasedShare {
  const { publicKey, commitments } = escrow;
  const { place, opener } = own;
  const sealed = escrow.sealedShares[place - 1];
  if (sealed === undefined) throw new Fault("RECOVERY_UNKNOWN", `there is no custodian ${place}`);
  const value = opener.open(sealed, shareContext(publicKey, place));
  if (!isShareOf(commitments, { place, value })) {
    const data = { places: [place] };
    throw new Fault("RECOVERY_SHARE", `the share of custodian ${place}`, { data });
  }
  const context = releaseContext(publicKey, place, recipientKey);
  return { place, sealed: suite.seal(recipientKey, value, context) };
}

/**
 * The key again as PKCS#8, on the device that has the new key.
 *
 * @throws Fault RECOVERY_SHARE naming the custodians whose shares are bad, RECOVERY_TOO_FEW, SEALED_INVALID
 */
export function recoverKey(
  suite: Suite,
  escrow: Escrow,
  opener: Opener,
  released: readonly ReleasedShare[],
): Uint8Array {
  const { publicKey, commitments, box } = escrow;
  const shares = released.map(({ place, sealed }): Share => {
    const context = releaseContext(publicKey, place, opener.publicKey);
    return { place, value: openShare(opener, sealed, context) };
  });
  const secret = combineShares(commitments, shares);
  const pkcs8 = suite.cipher.decrypt(...boxKey(suite, secret), box, publicKey);
  if (equalBytes(suite.opener(pkcs8).publicKey, publicKey)) return pkcs8;
  throw new Fault("SEALED_INVALID", "the box holds another key");
}

/** Nothing where it cannot be opened: no value fits a commitment then, and the custodian is named. */
function openShare(opener: Opener, sealed: Uint8Array, context: Uint8Array): Uint8Array {
  try {
    return opener.open(sealed, context);
  } catch {
    return new Uint8Array(0);
  }
}

/** The secret is new for each escrow, so its key encrypts once and the nonce may be zero. */
function boxKey({ hash, cipher }: Suite, secret: Uint8Array): [Uint8Array, Uint8Array] {
  const key = hash(BOX_LABEL, secret).subarray(0, cipher.keyBytes);
  return [key, new Uint8Array(cipher.nonceBytes)];
}

function shareContext(publicKey: Uint8Array, place: number): Uint8Array {
  return Buffer.concat([SHARE_LABEL, Uint8Array.of(place), publicKey]);
}

function releaseContext(
  publicKey: Uint8Array,
  place: number,
  recipientKey: Uint8Array,
): Uint8Array {
  return Buffer.concat([RELEASE_LABEL, Uint8Array.of(place), publicKey, recipientKey]);
}
