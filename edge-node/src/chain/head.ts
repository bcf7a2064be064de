import { sealersAfter } from "@gridledger/protocol/committee/sealing-set";
import type { BreakGlass } from "@gridledger/protocol/governance/break-glass";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import { type ValidatorSet, validatorsHash } from "@gridledger/protocol/ledger/validators";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import type { ParentBlock } from "../consensus/ports.ts";
import { type StateReader, StateView } from "../state/state-view.ts";

/** A block, mostly the last final one, and the state after it. Immutable: a new block gives a new head. */
export interface Head extends ParentBlock {
  readonly tree: StateTree;
  /** The tree read through a cache of decoded values. */
  readonly state: StateReader;
  /** The order that names its validators, where its state does not; the next block holds it. */
  readonly breakGlass?: BreakGlass;
}

/** Of so many blocks the median time is what the next one of a `pow` chain must be after. */
const RECENT_TIMES = 11;

export function genesisHead(chain: Chain, tree: StateTree): Head {
  const { chainId, genesis } = chain;
  const validators = chain.firstSet;
  const state = new StateView(tree);
  const { createdMs: timeMs } = genesis;
  const place = { height: 0, hash: chainId, timeMs, header: undefined, recentTimesMs: [timeMs] };
  return { ...place, tree, state, validators };
}

/** @param timesBeforeMs as its parent's head has them */
export function headAfter(
  chain: Chain,
  header: Header,
  hash: Uint8Array,
  tree: StateTree,
  timesBeforeMs: readonly number[] = [],
): Head {
  const { height, timeMs } = header;
  const state = new StateView(tree);
  const validators = validatorsAfter(chain, state);
  const recent = [...timesBeforeMs, timeMs].slice(-RECENT_TIMES);
  return { height, hash, timeMs, header, recentTimesMs: recent, tree, state, validators };
}

/** The set that seals the next block, by the state after this one. */
export function validatorsAfter(chain: Chain, state: StateReader): ValidatorSet {
  const validators = sealersAfter(chain, state);
  if (validators === chain.validators) return chain.firstSet;
  return { validators, hash: validatorsHash(chain.suite.hash, validators) };
}
