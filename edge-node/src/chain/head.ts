import { membershipOf } from "@gridledger/protocol/governance/governance-state";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import { type ValidatorSet, validatorsHash } from "@gridledger/protocol/ledger/validators";
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
  /** Seals the next block. */
  readonly validators: ValidatorSet;
}

export function genesisHead(chain: Chain, tree: StateTree): Head {
  const { chainId, genesis } = chain;
  const validators = { validators: chain.validators, hash: chain.validatorsHash };
  const state = new StateView(tree);
  return { height: 0, hash: chainId, timeMs: genesis.createdMs, tree, state, validators };
}

export function headAfter(chain: Chain, header: Header, hash: Uint8Array, tree: StateTree): Head {
  const { height, timeMs } = header;
  const state = new StateView(tree);
  return { height, hash, timeMs, tree, state, validators: validatorsAfter(chain, state) };
}

/** The set that seals the next block, by the state after this one. */
export function validatorsAfter(chain: Chain, state: StateReader): ValidatorSet {
  const { validators } = membershipOf(chain, state);
  const isGenesis = validators === chain.validators;
  const hash = isGenesis ? chain.validatorsHash : validatorsHash(chain.suite.hash, validators);
  return { validators, hash };
}
