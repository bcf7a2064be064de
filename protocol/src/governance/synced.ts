import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import type { Chain } from "../ledger/genesis.ts";
import { verifyStatus } from "../messages/status.ts";
import { joiningKeyOf } from "./actions/membership.ts";
import type { Proposal } from "./proposal.ts";

/** A validator that joins must have been this close to the head when it is added (besu#8307). */
export const MAX_SYNC_LAG_BLOCKS = 100;

interface Place {
  readonly chain: Pick<Chain, "suite" | "chainId">;
  /** Of the block that holds the transaction. */
  readonly height: number;
  /**
   * The hash of one of the last blocks before it, undefined for any other. Left out for a block that
   * a quorum has judged and that is only replayed.
   */
  readonly blockHash?: ((height: number) => Uint8Array | undefined) | undefined;
}

/** The height that the joining validator's signed heartbeat proves; 0 where nobody joins. */
export function provenHeight(
  { chain, height, blockHash }: Place,
  { action }: Proposal,
  heartbeat: Uint8Array,
): number | Fault {
  const joining = joiningKeyOf(action);
  if (joining === undefined) {
    return heartbeat.length === 0 ? 0 : new Fault("PROPOSAL_SHAPE", "nobody joins");
  }
  try {
    const status = verifyStatus(chain.suite, joining, chain.chainId, heartbeat);
    if (status.height >= height) {
      return new Fault("PROPOSAL_UNFIT", `the candidate says ${status.height}, next is ${height}`);
    }
    return checkBranch(blockHash, status) ?? status.height;
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return new Fault("PROPOSAL_UNFIT", "the heartbeat is not the candidate's", { cause: thrown });
  }
}

function checkBranch(
  blockHash: Place["blockHash"],
  status: { readonly height: number; readonly headHash: Uint8Array },
): Fault | undefined {
  if (blockHash === undefined) return undefined;
  const hash = blockHash(status.height);
  if (hash === undefined) {
    return new Fault("CANDIDATE_BEHIND", `its heartbeat is of block ${status.height}`);
  }
  if (equalBytes(hash, status.headHash)) return undefined;
  return new Fault("CANDIDATE_FORKED", `its block ${status.height} is not this chain's`);
}
