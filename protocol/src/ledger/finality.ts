import { Fault } from "../faults.ts";
import type { FinalityRule, SealedBlockHeader } from "./finality-rule.ts";
import type { Chain } from "./genesis.ts";
import { type Seal, verifySeal } from "./seal.ts";
import type { ValidatorSet } from "./validators.ts";
import { decodeWorkParameters } from "./work.ts";
import { WorkFinality } from "./work-finality.ts";

/** A quorum of COMMITs: `poa`, and every engine that this version does not know. */
class QuorumFinality implements FinalityRule {
  readonly depth = 0;
  readonly usualMs = 0;
  readonly #chain: Chain;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  verify([set]: readonly ValidatorSet[], block: SealedBlockHeader, seal: Seal): void {
    const { suite, chainId } = this.#chain;
    const { height } = block.header;
    if (set === undefined) throw new Fault("SEAL_INVALID", `no validators of height ${height}`);
    if (seal.confirmations !== undefined) {
      throw new Fault("SEAL_INVALID", "votes make a block final here, not the blocks after it");
    }
    const place = { chainId, validatorsHash: set.hash, height };
    verifySeal(suite, set.validators, place, block.blockHash, seal);
  }

  verifyStep(): void {}
}

const rules: Readonly<Record<string, (chain: Chain) => FinalityRule>> = {
  pow: (chain) => new WorkFinality(chain, decodeWorkParameters(chain.genesis.engineParameters)),
};

/** True for engines whose blocks are final by the blocks that follow them, not by votes. */
export function isFinalByDepth(engine: string): boolean {
  return Object.hasOwn(rules, engine);
}

const known = new WeakMap<Chain, FinalityRule>();

/** The rule of a channel, by the engine that its genesis names. @throws Fault GENESIS_INVALID */
export function finalityRule(chain: Chain): FinalityRule {
  let rule = known.get(chain);
  if (rule === undefined) {
    const { engine } = chain.genesis;
    rule = isFinalByDepth(engine) ? rules[engine]!(chain) : new QuorumFinality(chain);
    known.set(chain, rule);
  }
  return rule;
}
