import type { Chain } from "../ledger/genesis.ts";
import type { Validator } from "../ledger/validators.ts";
import { type ActionFamily, DEFAULT_POLICY, type GovernancePolicy } from "./policy.ts";

export const MAX_VALIDATORS = 128;
/** Engines and suites that a channel can have had. */
export const MAX_SPANS = 64;

/** The set that seals the next block. */
export interface Membership {
  /** Height of the block at whose end it changed last; 0 for the genesis. */
  readonly changedAtHeight: number;
  /** In the order of their keys. */
  readonly validators: readonly Validator[];
}

/** The consensus engine from a height on, until the next span. */
export interface EngineSpan {
  readonly fromHeight: number;
  readonly engine: string;
  /** What the engine is given, in its own encoding; empty for the genesis' engine. */
  readonly parameters: Uint8Array;
}

/** A suite that transactions may be signed with from a height on. */
export interface SuiteSpan {
  readonly fromHeight: number;
  readonly suiteId: number;
  /** npm package that exports it (`crypto/suite-package`); empty for a suite of this repository. */
  readonly packageName: string;
}

export type Policies = Readonly<Record<ActionFamily, GovernancePolicy>>;

/** What votes have decided and what counts now. Immutable: a change gives a new one. */
export interface InForce {
  readonly membership: Membership;
  readonly policies: Policies;
  /** Ascending by height; the first is the genesis'. */
  readonly engines: readonly EngineSpan[];
  /** The first is the genesis'; a suite stays allowed. */
  readonly suites: readonly SuiteSpan[];
}

/** What governance must know of a channel; a `Chain` is one. */
export type Constitution = Pick<Chain, "validators"> & {
  readonly suite: Pick<Chain["suite"], "id">;
  readonly genesis: Pick<Chain["genesis"], "engine" | "governance">;
};

export function genesisInForce({ validators, suite, genesis }: Constitution): InForce {
  const policy = genesis.governance ?? DEFAULT_POLICY;
  const parameters = new Uint8Array(0);
  return {
    membership: { changedAtHeight: 0, validators },
    policies: { membership: policy, protocol: policy, data: policy, trust: policy },
    engines: [{ fromHeight: 1, engine: genesis.engine, parameters }],
    suites: [{ fromHeight: 1, suiteId: suite.id, packageName: "" }],
  };
}
