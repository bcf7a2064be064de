import { recentHashes } from "@gridledger/protocol/ledger/recent-hashes";
import type { StateReader, StateView } from "./state-view.ts";
import type { BlockPlace } from "./transaction-kind.ts";

type Place = Pick<BlockPlace, "height" | "parentHash">;

/** Every block remembers its parent: a rule may ask for what is in the state and for nothing else. */
export function rememberParent(state: StateView, { height, parentHash }: Place): void {
  state.set(recentHashes, height - 1, { height: height - 1, hash: parentHash });
}

/** The hash of one of the 256 blocks before this one; undefined for any other. */
export function recentHash(state: StateReader, at: Place, height: number): Uint8Array | undefined {
  if (height === at.height - 1) return at.parentHash;
  const kept = height < at.height ? state.get(recentHashes, height) : undefined;
  return kept?.height === height ? kept.hash : undefined;
}
