import type { Proof } from "@gridledger/protocol/api/proof-contract";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Clock } from "../clock.ts";
import type { ChainIndex } from "../index/chain-index.ts";
import { prove } from "../index/query/prove.ts";
import type { Log } from "../log.ts";
import type { AuditLog } from "../logs/audit-log.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import { Alarms, type MappingAlarm } from "./alarms.ts";
import { Databases } from "./connectors/databases.ts";
import { MappingService } from "./mapping-service.ts";
import type { MappingStore } from "./tables/mapping-store.ts";
import { MappingTables } from "./tables/mapping-tables.ts";

export interface MappingConfig {
  /** The list of databases. */
  readonly databases: string;
  /** 32 bytes of the mapping page. */
  readonly master: Uint8Array;
  /** For variables with passwords. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

interface MappingDeps {
  readonly chain: Chain;
  readonly keys: KeyRing;
  readonly store: MappingStore;
  readonly index: ChainIndex;
  readonly outbox: Pick<Outbox, "submit">;
  readonly audit: AuditLog;
  readonly webhooks: Pick<Webhooks, "raise">;
  readonly clock: Clock;
  readonly log: Log;
  readonly onAlarm: (alarm: MappingAlarm) => void;
}

export interface Mappings {
  readonly service: MappingService;
  readonly databases: Databases;
  stop(): Promise<void>;
}

/** The mapping room as the hub runs it. */
export async function startMappings(deps: MappingDeps, config: MappingConfig): Promise<Mappings> {
  const { chain, keys, store, index, outbox, audit, webhooks, clock, log, onAlarm } = deps;
  const { hash } = chain.suite;
  const databases = new Databases(config.databases, config.environment);
  const alarms = new Alarms({
    ...{ hash, log, audit },
    notify: (type, id, alarm) => webhooks.raise(type, id, alarm),
  });
  alarms.listen(onAlarm);
  const { blocks, transactions, keys: keyRecords, sets } = index;
  const service = new MappingService(
    {
      ...{ store, hash, clock, log, alarms, audit, master: config.master },
      tables: new MappingTables(store),
      connect: (name) => databases.connect(name),
      sleep: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
      anchoring: {
        ...{ chain, keys, headHeight: () => index.head.height },
        submit: (encoded, waitMs) => outbox.submit(encoded, waitMs),
        finalHeight: (txHash) => transactions.heightOf(txHash),
        blockTimeMs: async (height) => (await blocks.byHeight(height))?.header.timeMs,
      },
      prove: (txHash): Promise<Proof> =>
        prove({ chain, blocks, transactions, keys: keyRecords, sets }, txHash),
    },
    { runsByItself: true },
  );
  await service.start();
  return { service, databases, stop: () => service.stop() };
}
