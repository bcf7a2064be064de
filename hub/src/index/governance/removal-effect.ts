import { approvalsNeeded } from "@gridledger/protocol/governance/count";
import { forecast } from "@gridledger/protocol/governance/quorum-guard";
import type { ChainIndex } from "../chain-index.ts";

/** What taking a validator's seat now would do to the chain, in words (the quorum guard's). */
export function removalEffect(
  index: Pick<ChainIndex, "head" | "nodes" | "sets">,
  publicKey: Uint8Array,
): string {
  const { inForce } = index.sets.state;
  const nodes = index.nodes();
  const seats = inForce.membership.validators.map((validator, i) => {
    return { ...validator, online: nodes[i]?.online ?? false };
  });
  const action = { type: "remove", publicKey } as const;
  const votes = approvalsNeeded(inForce, action, seats.length);
  const change = { action, fromHeight: index.head.height + 1, isJoinerOnline: false };
  return forecast({ seats, votes, planned: [] }, change).reason;
}
