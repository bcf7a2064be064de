import { Fault } from "@gridledger/protocol/faults";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import type { ChainBuilder } from "../support/chain-builder.ts";

/** The state that the builder's blocks lead to, as a node has it. */
export class ChainState {
  readonly #builder: ChainBuilder;
  #tree;
  #height = 0;
  #view: StateView;

  constructor(builder: ChainBuilder) {
    this.#builder = builder;
    this.#tree = genesisState(builder.chain);
    this.#view = new StateView(this.#tree);
  }

  get height(): number {
    return this.#height;
  }

  get state(): StateView {
    return this.#view;
  }

  /** Executes all blocks up to the builder's head. @throws Fault that a validator would give */
  follow(): this {
    for (const block of this.#builder.blocks.slice(this.#height)) this.#execute(block.transactions);
    return this;
  }

  #execute(encoded: readonly Uint8Array[]): void {
    const { chain } = this.#builder;
    const height = this.#height + 1;
    const at = { height, timeMs: Date.UTC(2030, 0, 1), parentHash: chain.chainId };
    const transactions = encoded.map((one) => new PreparedTransaction(chain, one));
    const outcome = executeBlock({ chain, recent: new Set() }, this.#tree, at, transactions);
    if (outcome instanceof Fault) throw outcome;
    this.#tree = outcome.tree;
    this.#height = height;
    this.#view = new StateView(this.#tree);
  }
}
