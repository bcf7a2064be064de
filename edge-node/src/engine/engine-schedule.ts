import type { Signer } from "@gridledger/protocol/crypto/suite";
import { engineAt } from "@gridledger/protocol/governance/governance-state";
import type { EngineSpan } from "@gridledger/protocol/governance/in-force";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ChainParts } from "../chain/chain-parts.ts";
import type { Head } from "../chain/head.ts";
import { plainRules } from "../chain/plain-rules.ts";
import type { Engine, EngineFactory } from "../consensus/engine.ts";
import type { HeaderRules } from "../consensus/ports.ts";
import { ChangingEngine } from "./changing-engine.ts";

interface Log {
  warn(data: object, message: string): void;
}

interface EngineScheduleDeps {
  readonly chain: Chain;
  /** @throws Fault CONFIG_INVALID for an engine that this node does not have */
  readonly engines: { get(name: string): EngineFactory };
}

/** Which engine runs which height: the genesis' until votes decide otherwise (guide §4.2.2 e, f). */
export class EngineSchedule {
  readonly #deps: EngineScheduleDeps;
  readonly #rules = new Map<string, HeaderRules>();

  constructor(deps: EngineScheduleDeps) {
    this.#deps = deps;
  }

  /** The span that the block after this head belongs to. */
  after({ state, height }: Head): EngineSpan {
    return engineAt(this.#deps.chain, state, height + 1);
  }

  /** What that block's header must say. @throws Fault CONFIG_INVALID */
  readonly rulesAfter = (head: Head): HeaderRules => {
    const { chain, engines } = this.#deps;
    const { engine } = this.after(head);
    let rules = this.#rules.get(engine);
    if (rules === undefined) {
      rules = engines.get(engine).rules?.(chain) ?? plainRules;
      this.#rules.set(engine, rules);
    }
    return rules;
  };

  /** The engine of a node: always the one of the next height. @throws Fault CONFIG_INVALID */
  engineOf(signer: Signer, parts: ChainParts, log: Log): Engine {
    return new ChangingEngine({
      span: () => this.after(parts.ledger.head),
      create: (span) => this.#create(span, signer, parts),
      onChange: ({ engine, fromHeight }) => {
        log.warn({ engine, fromHeight }, "consensus: another engine");
      },
    });
  }

  #create({ engine, parameters }: EngineSpan, signer: Signer, parts: ChainParts): Engine {
    const { chain, engines } = this.#deps;
    const { suite, chainId } = chain;
    const { proposals: blocks, branches } = parts;
    const own = parameters.length > 0 ? parameters : chain.genesis.engineParameters;
    const context = { chain, suite, chainId, signer, blocks, branches, parameters: own };
    return engines.get(engine).create(context);
  }
}
