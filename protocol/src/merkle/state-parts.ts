import type { Hash } from "../crypto/suite.ts";
import { equalBytes } from "../hex.ts";
import { StateTree } from "./state-tree.ts";

const BRANCH = Uint8Array.of(0x03);
const NOTHING = new Uint8Array(32);

/** One of the 2^depth parts of a state tree: what stands below a place `depth` branches down. */
export interface StatePart {
  readonly kind: "empty" | "leaf" | "branch";
  /** Of that leaf or branch; zeros where there is nothing. */
  readonly hash: Uint8Array;
}

export type StateEntry = readonly [key: Uint8Array, value: Uint8Array];

/** All parts of a tree, left to right. */
export function stateParts(tree: StateTree, depth: number): StatePart[] {
  return Array.from({ length: 2 ** depth }, (_, index) => {
    const part = tree.below(depth, index);
    if (part.isEmpty) return { kind: "empty", hash: NOTHING };
    return { kind: part.isSingle ? "leaf" : "branch", hash: part.root };
  });
}

/** The root of the tree that has these parts: a leaf that is alone moves up, as in the tree. */
export function rootOfParts(hash: Hash, parts: readonly StatePart[]): Uint8Array {
  let level = parts;
  while (level.length > 1) {
    const above: StatePart[] = [];
    for (let i = 0; i < level.length; i += 2) above.push(joined(hash, level[i]!, level[i + 1]!));
    level = above;
  }
  return level[0]?.hash ?? NOTHING;
}

function joined(hash: Hash, left: StatePart, right: StatePart): StatePart {
  if (left.kind === "empty" && right.kind !== "branch") return right;
  if (right.kind === "empty" && left.kind === "leaf") return left;
  return { kind: "branch", hash: hash(BRANCH, left.hash, right.hash) };
}

/** True when the entries are exactly those of part `index` of `2^depth`. */
export function isStatePart(
  hash: Hash,
  place: { readonly depth: number; readonly index: number },
  part: StatePart,
  entries: readonly StateEntry[],
): boolean {
  let tree = new StateTree(hash);
  try {
    for (const [key, value] of entries) tree = tree.set(key, value);
  } catch {
    return false; // storage without its account
  }
  const below = tree.below(place.depth, place.index);
  const count = [...below.entries()].length;
  // None twice, and none of another part.
  if (count !== entries.length || !equalBytes(below.root, part.hash)) return false;
  if (part.kind === "empty") return count === 0;
  return count > 0 && below.isSingle === (part.kind === "leaf");
}
