import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";

export interface Validator {
  readonly publicKey: Uint8Array;
  readonly name: string;
}

/** Who seals the blocks of some heights. */
export interface ValidatorSet {
  /** In the order of their keys; an index into it is a validator's number at these heights. */
  readonly validators: readonly Validator[];
  /** `validatorsHash` of them. */
  readonly hash: Uint8Array;
}

export function inKeyOrder(validators: readonly Validator[]): readonly Validator[] {
  return [...validators].sort((a, b) => Buffer.compare(a.publicKey, b.publicKey));
}

/** Faults that n validators survive: f = ⌊(n−1)/3⌋. */
export function faultTolerance(n: number): number {
  return Math.floor((n - 1) / 3);
}

/** Votes that decide among n validators: q = ⌈2n/3⌉. */
export function quorum(n: number): number {
  return Math.ceil((2 * n) / 3);
}

/** Up to this many validators everybody hears everybody; above it a relay collects the votes. */
export const ALL_TO_ALL_UP_TO = 7;

/** Hash of the ordered set of public keys. A validator is its key; the name does not count. */
export function validatorsHash(hash: Hash, validators: readonly Validator[]): Uint8Array {
  const writer = new CborWriter(8 + validators.length * 35).array(validators.length);
  for (const { publicKey } of validators) writer.bytes(publicKey);
  return hash(writer.finish());
}
