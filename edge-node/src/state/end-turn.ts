import { engineAfter, sealersAfter, termAfter } from "@gridledger/protocol/committee/sealing-set";
import { sealersOf } from "@gridledger/protocol/committee/term";
import { readTerm, writeTerm } from "@gridledger/protocol/committee/term-table";
import { membershipOf } from "@gridledger/protocol/governance/governance-state";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { rememberSet } from "@gridledger/protocol/ledger/past-sets";
import {
  missedAfter,
  readMissedTurns,
  recordTurn,
  type Turn,
} from "@gridledger/protocol/ledger/turns";
import type { Validator } from "@gridledger/protocol/ledger/validators";
import type { StateReader, StateView } from "./state-view.ts";
import type { BlockPlace } from "./transaction-kind.ts";

interface Sealing {
  /** Whose turn the block was, where the engine has turns. */
  readonly by: Omit<Turn, "height"> | undefined;
  /** The set that seals the block, where an order names it and not the state before. */
  readonly ordered: readonly Validator[] | undefined;
}

/**
 * After the last transaction of a block, when votes have come into force: who missed a turn, who seals
 * the next block where a committee is drawn, and which set must be remembered for evidence.
 */
export function endTurn(
  chain: Chain,
  parent: StateReader,
  state: StateView,
  { height, parentHash }: Pick<BlockPlace, "height" | "parentHash">,
  { by, ordered }: Sealing,
): void {
  const decided = sealersAfter(chain, parent);
  const sealers = ordered ?? decided;
  const turn = by && { height, ...by };
  const known = readTerm(state) ?? chain.firstTerm;
  const roster = membershipOf(chain, state).validators;
  const missed = turn === undefined ? [] : missedAfter(readMissedTurns(state), sealers, turn);
  const term = termAfter(chain, ordered === undefined ? known : undefined, {
    ...{ height, parentHash, roster },
    engine: engineAfter(chain, state, height),
    absent: missed.map(({ publicKey }) => publicKey),
  });
  if (term !== undefined && term !== known) writeTerm(state, term);
  const after = sealersOf(roster, term);
  if (turn !== undefined) recordTurn(state, sealers, after, turn);
  if (sealers !== decided) rememberSet(state, decided, height - 1);
  if (!isSameSet(sealers, after)) rememberSet(state, sealers, height);
}

function isSameSet(before: readonly Validator[], after: readonly Validator[]): boolean {
  return (
    before.length === after.length &&
    before.every(({ publicKey }, i) => equalBytes(publicKey, after[i]?.publicKey ?? publicKey))
  );
}
