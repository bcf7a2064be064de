import type { StateTable } from "../ledger/state.ts";
import type { Validator } from "../ledger/validators.ts";
import {
  type OpenProposal,
  openProposals,
  type ScheduledChange,
  scheduledChanges,
} from "./ballot-tables.ts";
import {
  type Constitution,
  type EngineSpan,
  genesisInForce,
  type InForce,
  type Membership,
  type SuiteSpan,
} from "./in-force.ts";
import type { ActionFamily, GovernancePolicy } from "./policy.ts";
import { projected } from "./schedule.ts";
import { engineTable, memberships, ONLY, policyTable, suiteTable } from "./tables.ts";

/** All that votes have made, after a block. */
export interface GovernanceState {
  /** For the height after the block. */
  readonly inForce: InForce;
  /** Oldest first. */
  readonly open: readonly OpenProposal[];
  /** Approved, for later heights; ascending. */
  readonly scheduled: readonly ScheduledChange[];
}

interface Reader {
  get<Name, Value>(table: StateTable<Name, Value>, name: Name): Value | undefined;
}

interface Writer {
  set<Name, Value>(table: StateTable<Name, Value>, name: Name, value: Value): void;
}

export function genesisGovernance(chain: Constitution): GovernanceState {
  return { inForce: genesisInForce(chain), open: [], scheduled: [] };
}

export function readGovernance(chain: Constitution, state: Reader): GovernanceState {
  return {
    inForce: inForceOf(chain, state),
    open: state.get(openProposals, ONLY) ?? [],
    scheduled: scheduledOf(state),
  };
}

/** Writes what has changed and nothing else, so that a vote does not write the set. */
export function writeGovernance(
  state: Writer,
  before: GovernanceState,
  after: GovernanceState,
): void {
  const [was, is] = [before.inForce, after.inForce];
  if (is.membership !== was.membership) state.set(memberships, ONLY, is.membership);
  if (is.policies !== was.policies) state.set(policyTable, ONLY, is.policies);
  if (is.engines !== was.engines) state.set(engineTable, ONLY, is.engines);
  if (is.suites !== was.suites) state.set(suiteTable, ONLY, is.suites);
  if (after.open !== before.open) state.set(openProposals, ONLY, after.open);
  if (after.scheduled !== before.scheduled) state.set(scheduledChanges, ONLY, after.scheduled);
}

/** The set that seals the block after this state. */
export function membershipOf(chain: Constitution, state: Reader): Membership {
  return state.get(memberships, ONLY) ?? genesisInForce(chain).membership;
}

export function scheduledOf(state: Reader): readonly ScheduledChange[] {
  return state.get(scheduledChanges, ONLY) ?? [];
}

/** The set that seals a height from the next one on, as it is decided by now. */
export function validatorsAt(
  chain: Constitution,
  state: Reader,
  height: number,
): readonly Validator[] {
  return inForceAt(chain, state, height).membership.validators;
}

/** The engine that runs a height, past or to come, as it is decided by now. */
export function engineAt(chain: Constitution, state: Reader, height: number): EngineSpan {
  const { engines } = inForceAt(chain, state, height);
  return engines.findLast(({ fromHeight }) => fromHeight <= height) ?? engines[0]!;
}

/** The suites that a transaction of a height may be signed with, as it is decided by now. */
export function suitesAt(chain: Constitution, state: Reader, height: number): readonly SuiteSpan[] {
  return inForceAt(chain, state, height).suites.filter(({ fromHeight }) => fromHeight <= height);
}

/** How many of the validators must agree to an action of the family in the next block. */
export function policyFor(
  chain: Constitution,
  state: Reader,
  family: ActionFamily,
): GovernancePolicy {
  return (state.get(policyTable, ONLY) ?? genesisInForce(chain).policies)[family];
}

function inForceOf(chain: Constitution, state: Reader): InForce {
  const genesis = genesisInForce(chain);
  return {
    membership: state.get(memberships, ONLY) ?? genesis.membership,
    policies: state.get(policyTable, ONLY) ?? genesis.policies,
    engines: state.get(engineTable, ONLY) ?? genesis.engines,
    suites: state.get(suiteTable, ONLY) ?? genesis.suites,
  };
}

function inForceAt(chain: Constitution, state: Reader, height: number): InForce {
  return projected(inForceOf(chain, state), scheduledOf(state), height);
}
