import {
  readGovernance,
  scheduledOf,
  writeGovernance,
} from "@gridledger/protocol/governance/governance-state";
import { endBlock } from "@gridledger/protocol/governance/rules";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { StateView } from "../state-view.ts";
import { effectOf } from "./effects.ts";

/**
 * What was approved for the height after this block comes into force, so that the state after a block
 * always names the set, the policies and the roles of the next one.
 */
export function executeScheduled(chain: Chain, state: StateView, height: number): void {
  const [first] = scheduledOf(state);
  if (first === undefined || first.fromHeight > height + 1) return;
  const before = readGovernance(chain, state);
  const end = endBlock(before, height);
  writeGovernance(state, before, end.state);
  for (const { proposal } of end.executed) {
    effectOf(proposal.action).write(chain, state, proposal.action, height);
  }
}
