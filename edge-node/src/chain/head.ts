import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { type StateReader, StateView } from "../state/state-view.ts";

/** The last final block and the state after it. Immutable: a new block gives a new head. */
export interface Head {
  /** 0 for the genesis. */
  readonly height: number;
  readonly hash: Uint8Array;
  readonly timeMs: number;
  readonly tree: StateTree;
  /** The tree read through a cache of decoded values. */
  readonly state: StateReader;
}

export function genesisHead({ chainId, genesis }: Chain, tree: StateTree): Head {
  const { createdMs } = genesis;
  return { height: 0, hash: chainId, timeMs: createdMs, tree, state: new StateView(tree) };
}

export function headAfter(header: Header, hash: Uint8Array, tree: StateTree): Head {
  const { height, timeMs } = header;
  return { height, hash, timeMs, tree, state: new StateView(tree) };
}
