import { DAY_MS } from "@gridledger/protocol/keys/key-period";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Directory, KnownIdentity } from "../index/directory.ts";
import type { KeyQueries } from "../index/query/key-queries.ts";

const ALL = Number.MAX_SAFE_INTEGER;

export interface OverdueDeps {
  readonly chain: Pick<Chain, "genesis">;
  readonly directory: Pick<Directory, "page">;
  readonly keys: Pick<KeyQueries, "lastHeightBefore">;
  readonly now: () => number;
}

/**
 * Identities whose present key is older than the period, the oldest first (guide §4.1.2 b). From the chain
 * alone: the time of the block from which the key has signed.
 */
export async function overdueKeys(
  { chain, directory, keys, now }: OverdueDeps,
  periodDays: number,
): Promise<KnownIdentity[]> {
  const periodMs = periodDays * DAY_MS;
  const { createdMs } = chain.genesis;
  const last = await keys.lastHeightBefore(now() - periodMs);
  const isOverdue = ({ keySinceHeight: from, standing }: KnownIdentity) =>
    !standing?.isRevoked &&
    (from === 0 ? createdMs + periodMs <= now() : last !== undefined && from <= last);
  return directory
    .page(ALL)
    .filter(isOverdue)
    .sort((a, b) => a.keySinceHeight - b.keySinceHeight);
}
