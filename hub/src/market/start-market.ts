import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import { type Chain, contractSetOf } from "@gridledger/protocol/ledger/genesis";
import { MARKET_ADDRESS } from "@gridledger/protocol/market/addresses";
import type { Clock } from "../clock.ts";
import type { ContractIndex } from "../index/contracts/contract-index.ts";
import { findPlaced } from "../index/contracts/find-placed.ts";
import type { CorrectionQueries } from "../index/query/correction-queries.ts";
import type { ReadingQueries } from "../index/query/reading-queries.ts";
import type { Log } from "../log.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Store } from "../store/store.ts";
import { CorrectedIntervals } from "./corrected-intervals.ts";
import { MarketAgent } from "./market-agent.ts";
import { MarketFollower } from "./market-follower.ts";
import { MarketQueries } from "./market-queries.ts";

interface MarketParts {
  readonly chain: Chain;
  /** The operator's; undefined on a hub that does not hold it. */
  readonly keys: KeyRing | undefined;
  readonly store: Store;
  readonly index: {
    readonly contracts: ContractIndex;
    readonly readings: Pick<ReadingQueries, "page">;
    readonly corrections: Pick<CorrectionQueries, "standing">;
    readonly head: { readonly height: number };
  };
  readonly outbox: Pick<Outbox, "submit">;
  readonly clock: Clock;
  readonly log: Log;
}

interface StartedMarket {
  readonly queries: MarketQueries;
  /** To be stopped, in this order from behind. */
  readonly running: readonly { stop(): Promise<void> }[];
}

/** The market's events, and where this hub has the operator's key, the hand that carries it on. */
export function startMarket(parts: MarketParts): StartedMarket {
  const { chain, keys, store, index, outbox, clock, log } = parts;
  const queries = new MarketQueries(store);
  if (findPlaced(chain, MARKET_ADDRESS) === undefined) return { queries, running: [] };
  const follower = new MarketFollower({ store, contracts: index.contracts, log });
  follower.start();
  if (keys === undefined) return { queries, running: [follower] };
  const submit = (encoded: Uint8Array, waitMs: number) => outbox.submit(encoded, waitMs);
  const headHeight = () => index.head.height;
  const { readings, corrections } = index;
  const { meterIntervalMs: intervalMs } = contractSetOf(chain);
  const corrected = new CorrectedIntervals({ store, readings, corrections, intervalMs });
  const agent = new MarketAgent({
    chain,
    keys,
    queries,
    corrected,
    submit,
    headHeight,
    clock,
    log,
  });
  agent.start();
  return { queries, running: [follower, agent] };
}
