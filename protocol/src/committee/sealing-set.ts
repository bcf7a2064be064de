import type { Suite } from "../crypto/suite.ts";
import { engineAt, membershipOf } from "../governance/governance-state.ts";
import type { Constitution, EngineSpan } from "../governance/in-force.ts";
import type { StateTable } from "../ledger/state.ts";
import type { Validator } from "../ledger/validators.ts";
import { COMMITTEE, type CommitteeParameters, decodeCommitteeParameters } from "./parameters.ts";
import { type DrawPlace, firstTerm, nextTerm, sealersOf, type Term } from "./term.ts";
import { readTerm } from "./term-table.ts";

/** What the rules of committees must know of a channel; a `Chain` is one. */
export type CommitteeChain = Constitution & {
  readonly suite: Pick<Suite, "hash" | "id">;
  readonly chainId: Uint8Array;
  readonly genesis: { readonly engineParameters?: Uint8Array };
  /** The committee of block 1; undefined where another engine begins. */
  readonly firstTerm: Term | undefined;
};

interface Reader {
  get<Name, Value>(table: StateTable<Name, Value>, name: Name): Value | undefined;
}

/** Who seals the block after this state: the roster, or the committee drawn from it. */
export function sealersAfter(chain: CommitteeChain, state: Reader): readonly Validator[] {
  const roster = membershipOf(chain, state).validators;
  return sealersOf(roster, readTerm(state) ?? chain.firstTerm);
}

/** What the end of a block has to do with committees. */
export interface BlockEnd {
  readonly height: number;
  /** Hash of the block before it: nobody can change it any more. */
  readonly parentHash: Uint8Array;
  /** The engine of the height after it. */
  readonly engine: EngineSpan;
  readonly roster: readonly Validator[];
  /** Keys of validators that missed their last turn to propose. */
  readonly absent: readonly Uint8Array[];
}

/** The term after a block; without members where another engine takes over, undefined where none was. */
export function termAfter(
  chain: CommitteeChain,
  before: Term | undefined,
  { height, parentHash, engine, roster, absent }: BlockEnd,
): Term | undefined {
  if (engine.engine !== COMMITTEE) {
    if (before === undefined || before.members.length === 0) return before;
    return { fromHeight: height + 1, members: [], weights: [] };
  }
  const place = placeOf(chain, engine, height + 1, parentHash);
  if (before === undefined || before.members.length === 0) return firstTerm(place, roster);
  return nextTerm(place, roster, before, absent);
}

/** The engine of the next height, by the state at the end of this one. */
export function engineAfter(chain: CommitteeChain, state: Reader, height: number): EngineSpan {
  return engineAt(chain, state, height + 1);
}

/** How the committees of an engine's span are drawn. @throws Fault GENESIS_INVALID */
export function committeeParameters(
  { genesis }: Pick<CommitteeChain, "genesis">,
  { parameters }: EngineSpan,
): CommitteeParameters {
  // The genesis' own engine has its parameters there; one that a vote brought carries them.
  return decodeCommitteeParameters(parameters.length > 0 ? parameters : genesis.engineParameters);
}

function placeOf(
  chain: Pick<CommitteeChain, "suite" | "chainId" | "genesis">,
  engine: EngineSpan,
  height: number,
  seedHash: Uint8Array,
): DrawPlace {
  const { suite, chainId } = chain;
  const parameters = committeeParameters(chain, engine);
  return { hash: suite.hash, chainId, height, seedHash, parameters };
}
