import { copyPolicies, DEFAULT_COPIES } from "@gridledger/protocol/copies/copy-policy";
import type { CopyChange } from "@gridledger/protocol/governance/actions/copies";
import type { Effect } from "./effect.ts";

/** Holders let go of nothing that this policy wants, and hubs place by it, guide §10.5. */
export const copies: Effect<CopyChange> = {
  check: () => undefined,
  write(_chain, state, { classification, copies: wanted }) {
    const before = state.get(copyPolicies, "") ?? DEFAULT_COPIES;
    state.set(copyPolicies, "", { ...before, [classification]: wanted });
  },
};
