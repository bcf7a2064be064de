import type { Hash } from "../crypto/suite.ts";
import { equalBytes } from "../hex.ts";
import { bitAt, branchHash, EMPTY_ROOT, leafHashOf } from "./node-hash.ts";

/** What stands where a key would stand, as far as its hash needs it. */
export interface OtherLeaf {
  readonly keyHash: Uint8Array;
  readonly valueHash: Uint8Array;
  /** Root of the tree that belongs to the leaf, where it has one. */
  readonly ownRoot?: Uint8Array;
}

/** The way from the root to where a key stands, or would stand. */
export interface StatePath {
  /** Hashes of the nodes beside the way, from the top down. */
  readonly siblings: readonly Uint8Array[];
  /** Another key's leaf at the end of the way: the key is not there. */
  readonly other?: OtherLeaf;
}

/** What a path is to prove of a key. */
export interface StateClaim {
  readonly key: Uint8Array;
  /** Undefined: the key is not there. */
  readonly value: Uint8Array | undefined;
  /** Root of the tree that belongs to the entry, where it has one. */
  readonly ownRoot?: Uint8Array | undefined;
}

/** True when the tree of this root holds exactly this value, or nothing, under the key. */
export function verifyStatePath(
  hash: Hash,
  root: Uint8Array,
  claim: StateClaim,
  path: StatePath,
): boolean {
  const keyHash = hash(claim.key);
  const end = endOf(hash, keyHash, claim, path);
  if (end === undefined || path.siblings.length > 256) return false;
  let current = end;
  for (let depth = path.siblings.length - 1; depth >= 0; depth--) {
    const sibling = path.siblings[depth]!;
    current =
      bitAt(keyHash, depth) === 0
        ? branchHash(hash, current, sibling)
        : branchHash(hash, sibling, current);
  }
  return equalBytes(current, root);
}

/** The hash at the end of the way; undefined where the path contradicts the claim. */
function endOf(
  hash: Hash,
  keyHash: Uint8Array,
  { value, ownRoot }: StateClaim,
  { siblings, other }: StatePath,
): Uint8Array | undefined {
  if (value !== undefined) {
    return other === undefined ? leafHashOf(hash, keyHash, hash(value), ownRoot) : undefined;
  }
  if (other === undefined) return EMPTY_ROOT;
  if (equalBytes(other.keyHash, keyHash)) return undefined;
  // The other leaf must lie on this very way, or it proves nothing about the key.
  for (let depth = 0; depth < siblings.length; depth++) {
    if (bitAt(other.keyHash, depth) !== bitAt(keyHash, depth)) return undefined;
  }
  return leafHashOf(hash, other.keyHash, other.valueHash, other.ownRoot);
}
