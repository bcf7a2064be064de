import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { DAY_MS } from "@gridledger/protocol/keys/key-period";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ChainIndex } from "../../index/chain-index.ts";
import type { Directory } from "../../index/directory.ts";
import { overdueKeys } from "../../keys/overdue-keys.ts";
import type { Endpoint } from "../endpoint.ts";

export interface KeyDeps {
  readonly chain: Chain;
  readonly directory: Pick<Directory, "find" | "page">;
  readonly index: Pick<ChainIndex, "keys" | "head">;
  /** How long a key is good on this hub's word. */
  readonly keyDays: number;
  readonly now: () => number;
}

export function keyEndpoints(deps: KeyDeps) {
  return { overdueKeys: overdue(deps), identityKeys: identityKeys(deps) };
}

function overdue(deps: KeyDeps): Endpoint<"overdueKeys"> {
  return async ({ query: { days: periodDays = deps.keyDays, limit } }) => {
    const { chain, index } = deps;
    const { createdMs } = chain.genesis;
    const all = await overdueKeys({ ...deps, keys: index.keys }, periodDays);
    const shown = all.slice(0, limit);
    const times = await index.keys.timesOf(shown.map(({ keySinceHeight }) => keySinceHeight));
    const items = shown.map(({ id, name, role, epoch, suiteId: suite, keySinceHeight }) => {
      const sinceMs = times.get(keySinceHeight) ?? createdMs;
      const dueMs = sinceMs + periodDays * DAY_MS;
      return { id, name, role, epoch, suite, fromHeight: keySinceHeight, sinceMs, dueMs };
    });
    return { periodDays, count: all.length, items };
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
