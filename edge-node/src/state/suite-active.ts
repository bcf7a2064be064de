import { Fault } from "@gridledger/protocol/faults";
import { suitesAt } from "@gridledger/protocol/governance/governance-state";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { StateReader } from "./state-view.ts";

/** Why no key of the suite may enter in a block of this height; votes make it count (guide §4.1.1 c). */
export function checkSuiteActive(
  chain: Chain,
  state: StateReader,
  suiteId: number,
  height: number,
): Fault | undefined {
  if (suiteId === chain.suite.id) return undefined;
  if (suitesAt(chain, state, height).some((span) => span.suiteId === suiteId)) return undefined;
  return new Fault("SUITE_INACTIVE", `suite ${suiteId} does not count at height ${height}`);
}
