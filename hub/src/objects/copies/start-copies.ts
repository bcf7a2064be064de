import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { decodeManifest, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { Knex } from "knex";
import type { Bus } from "../../bus.ts";
import type { Clock } from "../../clock.ts";
import type { HolderQueries } from "../../index/query/holder-queries.ts";
import type { ObjectChanges } from "../../index/query/object-changes.ts";
import type { ObjectQueries } from "../../index/query/object-queries.ts";
import type { Log } from "../../log.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { PayloadStore } from "../payload-store.ts";
import type { ServingGate } from "../serving-gate.ts";
import { CopyAlarms } from "./copy-alarms.ts";
import { CopyAudit } from "./copy-audit.ts";
import { CopyClient } from "./copy-client.ts";
import { CopyFiller } from "./copy-filler.ts";
import { CopyHolders } from "./copy-holders.ts";
import { CopyKeeper } from "./copy-keeper.ts";
import { CopyReader } from "./copy-reader.ts";
import { CopyRecords } from "./copy-records.ts";
import { CopyService } from "./copy-service.ts";
import { CopyTable } from "./copy-table.ts";
import { StoreDeclaration } from "./declare-stores.ts";
import type { CopyOpening } from "./holder-port.ts";
import { NodeHolder } from "./node-holder.ts";
import { openStore, type StorePlace } from "./open-store.ts";
import { OWN } from "./read-order.ts";
import { StoreHolder } from "./store-holder.ts";

/** `copies` of `hub.json`. */
export interface CopiesConfig {
  /** Further stores of this hub. */
  readonly stores: readonly ({
    readonly name: string;
    readonly capacityBytes: number;
  } & StorePlace)[];
  readonly lostAfterMs: number;
  /** What placing and healing may send. */
  readonly bytesPerSecond: number;
  readonly auditsPerTick: number;
}

export const defaultCopies: CopiesConfig = {
  stores: [],
  lostAfterMs: 600_000,
  bytesPerSecond: 8_388_608,
  auditsPerTick: 4,
};

interface CopiesDeps {
  readonly chain: Chain;
  /** The hub's. */
  readonly keys: KeyRing;
  readonly store: {
    readonly read: Knex;
    transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
  };
  readonly index: {
    readonly objects: Pick<ObjectQueries, "byRoot">;
    readonly changes: Pick<ObjectChanges, "erasureOf" | "receiptsOf">;
    readonly holders: Pick<HolderQueries, "all" | "policy">;
    readonly head: { readonly height: number };
    nodes(): readonly { readonly id: string; readonly lastSeenMs: number | null }[];
  };
  readonly payloads: PayloadStore;
  readonly gate: Pick<ServingGate, "check">;
  readonly outbox: Pick<Outbox, "submit">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Copies {
  readonly reader: CopyReader;
  readonly service: CopyService;
  readonly table: CopyTable;
  readonly holders: CopyHolders;
  readonly alarms: CopyAlarms;
  /** Erases in every further store of this hub. */
  eraseStores(root: Uint8Array): Promise<void>;
  stop(): Promise<void>;
}

/** The hub's side of copies on nodes and in further stores, guide §10.5. @throws Fault CONFIG_INVALID */
export function startCopies(deps: CopiesDeps, config: CopiesConfig): Copies {
  const { chain, keys, store, index, payloads, outbox, bus, clock, log } = deps;
  const { hash } = chain.suite;
  const self = formatHex(keys.id);
  const client = new CopyClient({ bus, clock }, { channel: chain.genesis.channel, self });
  const stores = openStores(chain, config);
  const holders = new CopyHolders(
    {
      ...{ hash, queries: index.holders, stores, clock },
      nodeOf: (id) => new NodeHolder(client, id),
      heardMs: (id) =>
        newest(
          client.heardMs(id),
          index.nodes().find((node) => node.id === id),
        ),
    },
    { self, lostAfterMs: config.lostAfterMs },
  );
  const table = new CopyTable(store);
  const alarms = new CopyAlarms({ clock, log });
  const records = new CopyRecords({ table, alarms, clock });
  const reader = new CopyReader({
    ...{ chain, payloads, table, clock },
    portOf: (called) => holders.portOf(called),
    onLost: (root) => alarms.raise("copy.lost", root, { holder: OWN, reason: "OBJECT_PAYLOAD" }),
    async onBad(root, called, { code }) {
      if (called === OWN) alarms.raise("copy.lying", root, { holder: OWN, reason: code });
      else await noteBad(root, called, code);
    },
  });
  async function noteBad(root: Uint8Array, called: string, code: FaultCode): Promise<void> {
    holders.noteAnswer(called, code !== "COPY_SILENT");
    if (code === "COPY_SILENT") return;
    await records.is(root, called, code === "COPY_LYING" ? "lying" : "stale", code);
    service.wake(root);
  }
  const filler = new CopyFiller({
    ...{ chain, payloads, reader, records },
    openingOf: (manifest) => openingOf(chain, holders, manifest),
    noteFull: (called) => holders.noteFull(called),
    pace: paceOf(clock, config.bytesPerSecond),
  });
  const { objects, changes } = index;
  const keeper = new CopyKeeper({
    ...{ holders, table, records, filler, alarms, objects, changes, clock, log },
  });
  const audit = new CopyAudit({
    ...{ hash, table, records, holders, reader, payloads, objects },
    onBad: (root) => service.wake(root),
  });
  const headHeight = () => index.head.height;
  const declaration = new StoreDeclaration(
    { chain, keys, queries: index.holders, outbox, headHeight, log },
    config.stores,
  );
  const service: CopyService = new CopyService(
    {
      ...{ keeper, audit, table, holders, clock, log },
      declare: () => declaration.run(),
      isReady: () => isOpen(deps.gate),
    },
    { auditsPerTick: config.auditsPerTick },
  );
  client.start();
  service.start();
  return {
    ...{ reader, service, table, holders, alarms },
    async eraseStores(root) {
      for (const one of stores.values()) await one.erase(root);
    },
    async stop() {
      client.stop();
      await service.stop();
      for (const one of stores.values()) await one.stop();
    },
  };
}

function openStores(chain: Chain, { stores }: CopiesConfig): Map<string, StoreHolder> {
  const manifestOf = (transaction: Uint8Array) =>
    decodeManifest(decodeTransaction(chain.suite, transaction).payload);
  return new Map(
    stores.map(({ name, capacityBytes, ...place }) => {
      const db = openStore(place);
      const { hash } = chain.suite;
      return [name, new StoreHolder({ db, hash, manifestOf }, { name, capacityBytes })];
    }),
  );
}

function newest(
  answeredMs: number | undefined,
  node: { readonly lastSeenMs: number | null } | undefined,
): number | undefined {
  const seenMs = node?.lastSeenMs ?? undefined;
  if (answeredMs === undefined || seenMs === undefined) return answeredMs ?? seenMs;
  return Math.max(answeredMs, seenMs);
}

/** Its bytes prove themselves; that the transaction is of this object is checked here. */
async function openingOf(
  chain: Chain,
  holders: CopyHolders,
  manifest: ObjectManifest,
): Promise<CopyOpening> {
  for (const { port } of await holders.orderOf(manifest)) {
    const opening = await port.opening(manifest.root).catch(() => undefined);
    if (opening === undefined) continue;
    const { payload } = decodeTransaction(chain.suite, opening.transaction);
    if (equalBytes(decodeManifest(payload).root, manifest.root)) return opening;
  }
  throw new Fault("OBJECT_PAYLOAD", "no holder has it");
}

function isOpen(gate: Pick<ServingGate, "check">): boolean {
  try {
    gate.check();
    return true;
  } catch {
    return false;
  }
}

function paceOf(clock: Clock, bytesPerSecond: number): (bytes: number) => Promise<void> {
  let freeMs = 0;
  return async (bytes) => {
    const now = clock.now();
    freeMs = Math.max(freeMs, now) + (bytes * 1_000) / bytesPerSecond;
    const waitMs = Math.floor(freeMs - now);
    if (waitMs > 0) await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
  };
}
