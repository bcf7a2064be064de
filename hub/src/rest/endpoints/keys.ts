import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ChainIndex } from "../../index/chain-index.ts";
import type { Directory, KnownIdentity } from "../../index/directory.ts";
import type { Endpoint } from "../endpoint.ts";

const DAY_MS = 86_400_000;
const ALL = Number.MAX_SAFE_INTEGER;

export interface KeyDeps {
  readonly chain: Chain;
  readonly directory: Pick<Directory, "find" | "page">;
  readonly index: Pick<ChainIndex, "keys" | "head">;
  /** How long a key is good on this hub's word. */
  readonly keyDays: number;
  readonly now: () => number;
}

export function keyEndpoints(deps: KeyDeps) {
  return { overdueKeys: overdueKeys(deps), identityKeys: identityKeys(deps) };
}

/** From the chain alone: the time of the block from which each present key has signed. */
function overdueKeys(deps: KeyDeps): Endpoint<"overdueKeys"> {
  return async ({ query: { days: periodDays = deps.keyDays, limit } }) => {
    const { chain, directory, index, now } = deps;
    const periodMs = periodDays * DAY_MS;
    const { createdMs } = chain.genesis;
    const last = await index.keys.lastHeightBefore(now() - periodMs);
    const isOverdue = ({ keySinceHeight: from, standing }: KnownIdentity) =>
      !standing?.isRevoked &&
      (from === 0 ? createdMs + periodMs <= now() : last !== undefined && from <= last);
    const overdue = directory
      .page(ALL)
      .filter(isOverdue)
      .sort((a, b) => a.keySinceHeight - b.keySinceHeight);
    const shown = overdue.slice(0, limit);
    const times = await index.keys.timesOf(shown.map(({ keySinceHeight }) => keySinceHeight));
    const items = shown.map(({ id, name, role, epoch, suiteId: suite, keySinceHeight }) => {
      const sinceMs = times.get(keySinceHeight) ?? createdMs;
      const dueMs = sinceMs + periodMs;
      return { id, name, role, epoch, suite, fromHeight: keySinceHeight, sinceMs, dueMs };
    });
    return { periodDays, count: overdue.length, items };
  };
}

function identityKeys({ directory, index }: KeyDeps): Endpoint<"identityKeys"> {
  return async ({ params: { identity: id } }) => {
    const known = directory.find(id);
    if (known === undefined) throw new Fault("NOT_FOUND", `identity ${id} is not enrolled`);
    const identity = Buffer.from(id, "hex");
    const items: RouteAnswer<"identityKeys">["items"] = [];
    for (const key of await index.keys.ofIdentity(identity)) {
      const { epoch, suiteId: suite, fromHeight } = key;
      const rotation = await index.keys.rotationOf(identity, epoch);
      const publicKey = Buffer.from(key.publicKey).toString("base64url");
      items.push({
        epoch,
        suite,
        publicKey,
        fromHeight,
        rotation: rotation ? formatHex(rotation) : null,
      });
    }
    return { height: index.head.height + 1, epoch: known.epoch, items };
  };
}
