import type { Signer } from "@gridledger/protocol/crypto/suite";
import type { FaultCode } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ChainParts } from "./chain/chain-parts.ts";
import { monotonicMs } from "./engine/monotonic-clock.ts";
import type { ChainStore } from "./store/chain-store.ts";
import { DiskKeeper, type DiskLimits } from "./store/disk-keeper.ts";
import { Beacons } from "./sync/beacons.ts";
import type { SyncParts } from "./sync/sync-parts.ts";
import type { Link } from "./transport/link-group.ts";
import type { NodeBus } from "./transport/node-bus.ts";
import { diskBytes, measure } from "./transport/telemetry-source.ts";

interface UpkeepDeps {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly store: ChainStore;
  readonly parts: ChainParts;
  readonly sync: SyncParts;
  readonly bus: NodeBus;
  readonly links: readonly Link[];
  /** The consensus engine, as far as the node tells of it. */
  readonly engine: {
    /** Round in which this node last signed. */
    readonly round: number;
    /** Why this node signs nothing, if so. */
    readonly suspended: FaultCode | undefined;
    /** Consensus messages refused, by code. */
    readonly rejections: ReadonlyMap<FaultCode, number>;
  };
  readonly isActive: () => boolean;
  readonly log: {
    info(data: object, message: string): void;
    warn(data: object, message: string): void;
    error(data: object, message: string): void;
  };
}

interface UpkeepOptions {
  readonly home: string;
  readonly bootId: Uint8Array;
  /** Unix time in ms. */
  readonly startedMs: number;
  readonly limits: DiskLimits;
}

/** What a node does beside the chain: keeps its disk small and says how it is. */
export interface Upkeep {
  readonly beacons: Beacons;
  readonly disk: DiskKeeper;
}

export function assembleUpkeep(deps: UpkeepDeps, options: UpkeepOptions): Upkeep {
  const { chain, signer, store, parts, sync, bus, links, engine, isActive, log } = deps;
  const { ledger, pool } = parts;
  const { home, bootId, startedMs, limits } = options;
  const headHeight = () => ledger.head.height;
  const disk = new DiskKeeper(
    {
      ...{ store, headHeight, log },
      otherBytes: () => diskBytes(home, "chain.sqlite"),
      archivedHeight: () => sync.archives.height,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      onWarning: () => beacons.telemetryNow(),
    },
    limits,
  );
  const upkeep = () => ({
    maxDiskBytes: limits.maxDiskBytes ?? 0,
    firstHeight: store.firstHeight,
    syncFaults: [...sync.fetcher.faults.values()].reduce((sum, count) => sum + count, 0),
    warning: disk.warning ?? ("" as const),
  });
  const beacons = new Beacons(
    {
      ...{ chain, signer, pool, bus, isActive, log },
      round: () => engine.round,
      head: () => ledger.head,
      headStored: () => ledger.stored,
      measure: () => measure({ pool, links, engine, upkeep }, { home, startedMs }),
      now: Date.now,
      clock: monotonicMs,
    },
    bootId,
  );
  return { beacons, disk };
}
