import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Action, EngineContext, EngineEvent, HeaderRules } from "./ports.ts";

/** A consensus engine: one event in, the actions it causes out (guide §4.2.2 e, f). */
export interface Engine {
  readonly view?:
    | {
        /** Told by engines that can refuse to sign. */
        readonly suspended: FaultCode | undefined;
        /** Told by engines that have turns: the index of the validator whose proposal is awaited. */
        readonly proposer?: number | undefined;
      }
    | undefined;
  handle(event: EngineEvent): readonly Action[];
}

export interface EngineFactory {
  /** The name that a genesis writes. */
  readonly name: string;
  /** What it asks of headers; time after the parent's, no empty block and no engine data where absent. */
  rules?(chain: Chain): HeaderRules;
  create(context: EngineContext): Engine;
}

/** The engines of one process by name: the shipped ones and those a package from outside adds. */
export class EngineRegistry {
  readonly #factories: ReadonlyMap<string, EngineFactory>;

  /** @throws Fault CONFIG_INVALID when two engines have one name */
  constructor(factories: readonly EngineFactory[]) {
    const byName = new Map(factories.map((factory) => [factory.name, factory]));
    if (byName.size !== factories.length) {
      throw new Fault("CONFIG_INVALID", "two consensus engines have the same name");
    }
    this.#factories = byName;
  }

  /** @throws Fault CONFIG_INVALID */
  get(name: string): EngineFactory {
    const factory = this.#factories.get(name);
    if (factory === undefined) {
      const known = [...this.#factories.keys()].join(", ");
      throw new Fault("CONFIG_INVALID", `no consensus engine is called "${name}"; known: ${known}`);
    }
    return factory;
  }
}
