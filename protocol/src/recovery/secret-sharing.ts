import { p256 } from "@noble/curves/nist.js";
import { Fault } from "../faults.ts";

const { Point } = p256;
const { Fn } = Point;
const SCALAR_BYTES = 32;

/** One custodian's part of a secret: the polynomial's value at the custodian's place. */
export interface Share {
  /** From 1. */
  readonly place: number;
  /** Scalar of P-256, 32 bytes. */
  readonly value: Uint8Array;
}

export interface SplitSecret {
  /** The secret itself, a random scalar of 32 bytes. */
  readonly secret: Uint8Array;
  /** One compressed point for each coefficient: the first commits to the secret (Feldman 1987). */
  readonly commitments: readonly Uint8Array[];
  readonly shares: readonly Share[];
}

function randomScalar(): bigint {
  return Fn.fromBytes(p256.utils.randomSecretKey());
}

/** The polynomial's value (Horner). */
function valueAt(coefficients: readonly bigint[], place: bigint): bigint {
  return coefficients.reduceRight((sum, next) => Fn.add(Fn.mul(sum, place), next), Fn.ZERO);
}

/** A new random secret, of which any `threshold` of `count` shares give it back (Shamir 1979). */
export function splitNewSecret(threshold: number, count: number): SplitSecret {
  const coefficients = Array.from({ length: threshold }, randomScalar);
  return {
    secret: Fn.toBytes(coefficients[0]!),
    commitments: coefficients.map((one) => Point.BASE.multiply(one).toBytes(true)),
    shares: Array.from({ length: count }, (_, index) => {
      const value = Fn.toBytes(valueAt(coefficients, BigInt(index + 1)));
      return { place: index + 1, value };
    }),
  };
}

/** Whether the share lies on the committed polynomial. False for every other bytes; never throws. */
export function isShareOf(commitments: readonly Uint8Array[], { place, value }: Share): boolean {
  if (value.length !== SCALAR_BYTES || !Number.isSafeInteger(place) || place < 1) return false;
  try {
    const points = commitments.map((bytes) => Point.fromBytes(bytes));
    const at = BigInt(place);
    const expected = points.reduceRight(
      (sum, point) => sum.multiplyUnsafe(at).add(point),
      Point.ZERO,
    );
    return Point.BASE.multiply(Fn.fromBytes(value)).equals(expected);
  } catch {
    return false;
  }
}

/**
 * The secret of as many shares as there are commitments, each checked first.
 *
 * @throws Fault RECOVERY_SHARE naming the bad places, RECOVERY_TOO_FEW
 */
export function combineShares(
  commitments: readonly Uint8Array[],
  shares: readonly Share[],
): Uint8Array {
  const bad = shares.filter((share) => !isShareOf(commitments, share));
  if (bad.length > 0) {
    const places = bad.map(({ place }) => place);
    const data = { places };
    throw new Fault("RECOVERY_SHARE", `the share of custodian ${places.join(", ")}`, { data });
  }
  const byPlace = new Map(shares.map((share) => [share.place, share]));
  const chosen = [...byPlace.values()].slice(0, commitments.length);
  if (commitments.length === 0 || chosen.length < commitments.length) {
    throw new Fault("RECOVERY_TOO_FEW", `${chosen.length} of ${commitments.length} shares`);
  }
  let secret = Fn.ZERO;
  for (const { place, value } of chosen) {
    const weight = weightOf(place, chosen);
    secret = Fn.add(secret, Fn.mul(Fn.fromBytes(value), weight));
  }
  return Fn.toBytes(secret);
}

/** Lagrange's weight of a place for the value at zero. */
function weightOf(place: number, chosen: readonly Share[]): bigint {
  let weight = Fn.ONE;
  for (const { place: other } of chosen) {
    if (other === place) continue;
    const distance = Fn.create(BigInt(other) - BigInt(place));
    weight = Fn.mul(weight, Fn.mul(BigInt(other), Fn.inv(distance)));
  }
  return weight;
}
