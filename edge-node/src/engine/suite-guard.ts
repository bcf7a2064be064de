import { requireSuite } from "@gridledger/protocol/crypto/required-suite";
import { asFault, type Fault } from "@gridledger/protocol/faults";
import { suitesAt } from "@gridledger/protocol/governance/governance-state";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Head } from "../chain/head.ts";

/**
 * Why a node must not go on above a head: votes have made a suite count from the next height on, and
 * this process does not have it. It stops before that height rather than judge it otherwise than the
 * nodes that have the package (guide §4.1.1 c).
 */
export function missingSuite(
  chain: Chain,
  { state, height }: Pick<Head, "state" | "height">,
): Fault | undefined {
  try {
    for (const span of suitesAt(chain, state, height + 1)) requireSuite(span);
    return undefined;
  } catch (thrown) {
    return asFault(thrown);
  }
}
