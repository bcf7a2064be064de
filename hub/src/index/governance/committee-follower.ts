import type { CommitteeParameters } from "@gridledger/protocol/committee/parameters";
import { committeeParameters, termAfter } from "@gridledger/protocol/committee/sealing-set";
import { sealersOf, type Term } from "@gridledger/protocol/committee/term";
import type { GovernanceState } from "@gridledger/protocol/governance/governance-state";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import { type MissedTurns, missedAfter } from "@gridledger/protocol/ledger/turns";
import type { Validator } from "@gridledger/protocol/ledger/validators";

/** A committee at work, and the roster that it is drawn from. */
export interface CommitteeView {
  readonly term: Term;
  readonly parameters: CommitteeParameters;
  readonly roster: readonly Validator[];
  /** Members that missed their last turns to propose. */
  readonly missed: readonly MissedTurns[];
}

/** Follows the committees of a channel, from headers alone; where none is drawn, it says the roster. */
export class CommitteeFollower {
  readonly #chain: Chain;
  #term: Term | undefined;
  #missed: readonly MissedTurns[] = [];

  constructor(chain: Chain) {
    this.#chain = chain;
    this.#term = chain.firstTerm;
  }

  /** Then every header counts, not only those with votes. */
  get isAtWork(): boolean {
    return (this.#term?.members.length ?? 0) > 0;
  }

  /** Of the committee at work. */
  get term(): Term | undefined {
    return this.#term;
  }

  /** The committee that seals a height, the next one; undefined where every validator does. */
  view({ inForce }: GovernanceState, height: number): CommitteeView | undefined {
    if (this.#term === undefined || !this.isAtWork) return undefined;
    const engine = inForce.engines.findLast(({ fromHeight }) => fromHeight <= height)!;
    const parameters = committeeParameters(this.#chain, engine);
    const roster = inForce.membership.validators;
    return { term: this.#term, parameters, roster, missed: this.#missed };
  }

  /**
   * Takes the next block: who seals the one after it.
   *
   * @param sealed the set that sealed it, by an order of organisations where `isOrdered`
   */
  take(
    { height, parentHash, proposer, round }: Header,
    sealed: readonly Validator[],
    { inForce }: GovernanceState,
    isOrdered: boolean,
  ): readonly Validator[] {
    const roster = inForce.membership.validators;
    const engine = inForce.engines.findLast(({ fromHeight }) => fromHeight <= height + 1)!;
    const missed = missedAfter(this.#missed, sealed, { height, proposer, round });
    const absent = missed.map(({ publicKey }) => publicKey);
    const before = isOrdered ? undefined : this.#term;
    const end = { height, parentHash, engine, roster, absent };
    this.#term = termAfter(this.#chain, before, end);
    const validators = sealersOf(roster, this.#term);
    this.#missed = missed.filter(({ publicKey }) =>
      validators.some((validator) => equalBytes(validator.publicKey, publicKey)),
    );
    return validators;
  }
}
